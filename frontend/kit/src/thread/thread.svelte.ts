import { asApiError, type ApiError } from '../api/errors';
import { Marks } from './marks.svelte';
import { merged, withReaction } from './merge';
import { isTemporary, Outbox, pause } from './outbox.svelte';
import type { Ask, Message, Outgoing, Page, Queue, Transport } from './types';

const pageSize = 50;
const mostSize = 200;
/** Further behind than this the newest page is read anew in place of all that was missed. */
const farBehind = 600;

/** What of a thread outlives the page. */
export interface Kept<M> {
	messages: M[];
	rev: number;
	hasOlder: boolean;
}

export interface ThreadOptions<M extends Message> {
	transport: Transport<M>;
	/** The key of this person in marks and reactions. */
	me: string;
	/** The key of who wrote a message. */
	author(message: M): string;
	queue?: Queue<M>;
	/** Called after every change of what is known. */
	onKnown?(kept: Kept<M>): void;
	random?(): number;
}

/** One line of a thread: a message, or one on its way. The key stays when the one becomes the other. */
export type Row<M extends Message> = { key: string; message: M; outgoing?: never } | { key: string; outgoing: Outgoing<M>; message?: never };

interface Wish<M> {
	id: string;
	change(message: M): M;
}

/**
 * The messages of one conversation. What comes live is applied only when
 * nothing is missing before it; otherwise what changed is asked for first.
 */
export class Thread<M extends Message> {
	readonly marks: Marks;
	readonly outbox: Outbox<M>;
	/** Something can be shown. */
	ready = $state(false);
	/** Why it may be incomplete. */
	error = $state.raw<ApiError | undefined>(undefined);
	hasOlder = $state(false);
	loadingOlder = $state(false);
	#known = $state.raw<M[]>([]);
	#wishes = $state.raw<Wish<M>[]>([]);
	#rev = 0;
	/** What is known has no hole and can be brought up to date by changes alone. */
	#whole = false;
	#stale = false;
	#asking: Promise<void> | undefined;
	#attempt = 0;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#turns = new Map<string, Promise<unknown>>();
	/** Own names of messages that were shown before they had an id. */
	#sent = new Set<string>();

	/** In order, as they will be when all that was asked for is done. */
	messages = $derived<M[]>(this.#wishes.length === 0 ? this.#known : this.#known.map((message) => this.#wishes.reduce((now, wish) => (wish.id === now.id ? wish.change(now) : now), message)));
	rows: Row<M>[] = $derived.by(() => [
		...this.messages.map((message) => ({ key: this.#sent.has(message.client_msg_id) && this.mine(message) ? message.client_msg_id : message.id, message })),
		...this.outbox.items.map((outgoing) => ({ key: outgoing.client_msg_id, outgoing })),
	]);

	constructor(private options: ThreadOptions<M>) {
		const { transport, me, queue, random } = options;
		this.marks = new Marks(me, transport);
		this.outbox = new Outbox<M>({ send: (draft) => transport.send(draft), onSent: (message) => this.#acknowledged(message), queue, random });
	}

	get rev(): number {
		return this.#rev;
	}

	get lastSeq(): number {
		return this.#known.at(-1)?.seq ?? 0;
	}

	mine(message: M): boolean {
		return this.options.author(message) === this.options.me;
	}

	/** What was kept of it: shown at once; `sync` asks only for what changed since. */
	restore(kept: Kept<M> | undefined, queued: readonly Outgoing<M>[] = []): void {
		if (kept && !this.ready) {
			this.#known = kept.messages;
			this.#rev = kept.rev;
			this.hasOlder = kept.hasOlder;
			this.ready = this.#whole = true;
		}
		const arrived = new Set(this.#known.filter((message) => this.mine(message)).map(({ client_msg_id }) => client_msg_id));
		for (const { client_msg_id } of queued) {
			if (arrived.has(client_msg_id)) this.options.queue?.drop(client_msg_id);
			else this.#sent.add(client_msg_id);
		}
		this.outbox.restore(queued.filter(({ client_msg_id }) => !arrived.has(client_msg_id)));
	}

	/** Reads the newest, or what changed. Call it to begin, and whenever frames may have been missed. */
	sync(): Promise<void> {
		this.#stale = true;
		return this.#follow();
	}

	/** The connection is back: asks, sends and tells what waited. */
	resume(): void {
		void this.sync();
		this.outbox.resume();
		this.marks.resume();
	}

	stop(): void {
		clearTimeout(this.#timer);
		this.outbox.stop();
		this.marks.stop();
	}

	/** A message came live. */
	receive(message: M): void {
		if (message.rev <= this.#rev) return;
		if (!this.#whole || message.rev > this.#rev + 1) return void this.sync();
		this.#rev = message.rev;
		this.#absorb([message]);
	}

	/** Sends; it is shown at once. */
	send(text: string, more: { replyTo?: M; quote?: M['reply_to']; attachments?: string[]; files?: string[] } = {}): Outgoing<M> {
		this.marks.typedOut();
		const outgoing = this.outbox.add({ text, reply_to: more.replyTo?.id, quote: more.quote, attachments: more.attachments, files: more.files });
		this.#sent.add(outgoing.client_msg_id);
		return outgoing;
	}

	/** Changes a text; answers what went wrong, and then it is as it was. */
	edit(id: string, text: string): Promise<ApiError | undefined> {
		const edited_at = new Date().toISOString();
		return this.#wish(id, (message) => ({ ...message, text, html: '', edited_at }), () => this.options.transport.edit(id, text));
	}

	remove(id: string): Promise<ApiError | undefined> {
		const deleted_at = new Date().toISOString();
		return this.#wish(id, (message) => ({ ...message, text: '', html: '', reactions: [], deleted_at }), () => this.options.transport.remove(id));
	}

	/** Chooses an emoji, or takes the present one back when it is the same. */
	react(id: string, emoji: string): Promise<ApiError | undefined> {
		const { me, transport } = this.options;
		const now = this.messages.find((message) => message.id === id)?.reactions.find((one) => one.by.includes(me))?.emoji;
		const next = now === emoji ? '' : emoji;
		return this.#wish(id, (message) => ({ ...message, reactions: withReaction(message.reactions, me, next) }), () => transport.react(id, next));
	}

	/** Reads the page before the oldest that is known. */
	async older(limit = pageSize): Promise<void> {
		const first = this.#known[0];
		if (!first || !this.hasOlder || this.loadingOlder) return;
		this.loadingOlder = true;
		try {
			const page = await this.options.transport.read({ before: first.seq, limit });
			this.hasOlder = page.more;
			this.#known = merged(this.#known, page.items, 0);
			this.#changed();
			// What changed among these while they were read was passed over as unknown.
			if (page.rev < this.#rev) {
				this.#rev = page.rev;
				void this.sync();
			}
			this.error = undefined;
		} catch (thrown) {
			this.error = asApiError(thrown);
		} finally {
			this.loadingOlder = false;
		}
	}

	/** Reads back until a message is known; false when that does not work. */
	async reach(seq: number): Promise<boolean> {
		while (this.hasOlder && (this.#known[0]?.seq ?? 0) > seq) {
			await this.older(mostSize);
			if (this.error) return false;
		}
		return this.#known.some((message) => message.seq === seq);
	}

	#follow(): Promise<void> {
		clearTimeout(this.#timer);
		this.#asking ??= this.#ask().finally(() => (this.#asking = undefined));
		return this.#asking;
	}

	async #ask(): Promise<void> {
		try {
			for (let more = true; more; ) {
				this.#stale = false;
				const ask: Ask = this.#whole ? { changes: this.#rev, limit: mostSize } : { limit: pageSize };
				const page = await this.options.transport.read(ask);
				this.#take(page, ask);
				more = this.#stale || !this.#whole || (ask.changes !== undefined && page.more);
			}
			this.#attempt = 0;
			this.error = undefined;
		} catch (thrown) {
			const error = asApiError(thrown);
			this.error = error;
			if (isTemporary(error)) this.#timer = setTimeout(() => void this.#follow(), pause(this.#attempt++, this.options.random ?? Math.random));
		}
	}

	#take(page: Page<M>, ask: Ask): void {
		if (ask.changes === undefined) {
			this.hasOlder = page.more;
			this.#known = [];
		} else if (page.more && page.last_seq - this.lastSeq > farBehind) {
			this.#whole = false;
			return;
		}
		this.ready = this.#whole = true;
		this.#rev = Math.max(this.#rev, page.rev);
		this.#absorb(page.items);
	}

	#absorb(messages: readonly M[]): void {
		const floor = this.hasOlder ? (this.#known[0]?.seq ?? 0) : 0;
		for (const message of messages) {
			const author = this.options.author(message);
			// Whoever writes has read what was there.
			this.marks.put(author, { read: message.seq });
			if (message.seq > this.lastSeq) this.marks.quiet(author);
		}
		this.#known = merged(this.#known, messages, floor);
		this.outbox.settle(messages.filter((message) => this.mine(message)).map(({ client_msg_id }) => client_msg_id));
		this.#changed();
	}

	/** The server's own answer: shown at once, even while something before it is missing. */
	#acknowledged(message: M): void {
		if (this.#whole && message.rev > this.#rev + 1) this.#absorb([message]);
		this.receive(message);
	}

	#changed(): void {
		this.options.onKnown?.({ messages: this.#known, rev: this.#rev, hasOlder: this.hasOlder });
	}

	/** Shows a change at once and asks for it, one after another for each message. */
	async #wish(id: string, change: (message: M) => M, call: () => Promise<M>): Promise<ApiError | undefined> {
		const wish: Wish<M> = { id, change };
		this.#wishes = [...this.#wishes, wish];
		const turn = (this.#turns.get(id) ?? Promise.resolve()).then(call, call);
		this.#turns.set(id, turn);
		try {
			this.#acknowledged(await turn);
			return undefined;
		} catch (thrown) {
			return asApiError(thrown);
		} finally {
			if (this.#turns.get(id) === turn) this.#turns.delete(id);
			this.#wishes = this.#wishes.filter((one) => one !== wish);
		}
	}
}
