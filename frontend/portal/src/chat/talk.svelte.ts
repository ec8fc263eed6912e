import { type ApiError } from '$kit/api/errors';
import { Thread, type Kept } from '$kit/thread/thread.svelte';
import type { Outgoing } from '$kit/thread/types';
import { Uploads } from '$kit/thread/uploads.svelte';
import type { ChatApi, ChatMessage, Conversation, ConversationWhole } from './api';
import { authorOf, type ChatFrame } from './frames';
import type { Inbox } from './inbox.svelte';
import type { ChatStore } from './store';

const keptAfter = 500;

export interface TalkDeps {
	api: ChatApi;
	inbox: Inbox;
	store: ChatStore;
	me: string;
}

/** One conversation as it is looked at. */
export class Talk {
	readonly thread: Thread<ChatMessage>;
	whole = $state.raw<ConversationWhole | undefined>(undefined);
	replying = $state.raw<ChatMessage | undefined>(undefined);
	editing = $state.raw<ChatMessage | undefined>(undefined);
	/** Why a change was taken back. */
	problem = $state.raw<ApiError | undefined>(undefined);
	/** What lies behind this was new when one came; undefined until that is known. */
	newSince = $state<number | undefined>(undefined);
	/** The newest message of others that came while one looked on. */
	arrived = $state.raw<ChatMessage | undefined>(undefined);
	readonly uploads: Uploads;
	#restored: Promise<void>;
	#keep: ReturnType<typeof setTimeout> | undefined;

	constructor(
		readonly id: string,
		private deps: TalkDeps,
		queued: readonly Outgoing<ChatMessage>[] = [],
	) {
		const { api, store, me } = deps;
		this.thread = new Thread<ChatMessage>({
			transport: {
				read: (ask) => api.messages(id, ask),
				send: (draft) => api.send(id, draft),
				edit: (message, text) => api.edit(id, message, text),
				remove: (message) => api.remove(id, message),
				react: (message, emoji) => api.react(id, message, emoji),
				mark: (mark) => api.mark(id, mark),
				type: () => api.type(id),
			},
			me,
			author: authorOf,
			queue: { put: (item) => void store.queue(id, item), drop: (item) => void store.unqueue(item) },
			onKnown: (kept) => this.#known(kept),
		});
		this.uploads = new Uploads(api.files);
		this.#restored = store.thread(id).then((kept) => this.thread.restore(kept, queued));
	}

	get summary(): Conversation | undefined {
		return this.deps.inbox.items?.find((one) => one.id === this.id);
	}

	/** Shows what is kept, then what the server has. */
	async open(): Promise<void> {
		this.newSince ??= this.summary?.read;
		await this.#restored;
		void this.#ask();
		await this.thread.sync();
	}

	/** Only the messages, for when there is no connection later. */
	async prepare(): Promise<void> {
		await this.#restored;
		await this.thread.sync();
	}

	async resume(): Promise<void> {
		await this.#restored;
		this.thread.resume();
		this.uploads.resume();
		if (this.whole) void this.#ask();
	}

	/** Something came live about this conversation. */
	async hear(frame: ChatFrame): Promise<void> {
		await this.#restored;
		const { marks } = this.thread;
		if (frame.message) this.#receive(frame.message);
		else if (frame.topic === 'chat.marks' && frame.who) marks.put(frame.who, frame);
		else if (frame.topic === 'chat.typing' && frame.who) marks.typed(frame.who, frame.name ?? '');
		else if (frame.topic === 'chat.conversation') await this.#ask();
	}

	send(text: string): void {
		const { replying, editing } = this;
		this.problem = undefined;
		this.replying = this.editing = undefined;
		if (editing) {
			if (text !== editing.text) void this.thread.edit(editing.id, text).then((error) => this.#undone(error, () => (this.editing ??= { ...editing, text })));
			return;
		}
		const quote = replying && { seq: replying.seq, author: replying.author, excerpt: replying.text.replace(/\s+/g, ' ').slice(0, 140) };
		const { ids, items } = this.uploads;
		this.thread.send(text, { replyTo: replying, quote, ...(ids.length > 0 && { attachments: ids, files: items.map(({ file }) => file.name) }) });
		this.uploads.taken();
	}

	async remove(message: ChatMessage): Promise<void> {
		if (this.replying?.id === message.id) this.replying = undefined;
		this.#undone(await this.thread.remove(message.id));
	}

	async react(message: ChatMessage, emoji: string): Promise<void> {
		this.#undone(await this.thread.react(message.id, emoji));
	}

	/** Seen here up to a message. */
	read(seq: number): void {
		const { marks, lastSeq } = this.thread;
		if (seq <= marks.own.read) return;
		marks.move({ read: seq });
		this.deps.inbox.read(this.id, seq, lastSeq);
	}

	/** One looks away: what comes from now on is new. */
	away(): void {
		this.newSince = this.thread.marks.own.read;
	}

	#receive(message: ChatMessage): void {
		const fresh = message.seq > this.thread.lastSeq && !this.thread.mine(message) && !message.deleted_at;
		this.thread.receive(message);
		if (fresh) this.arrived = message;
	}

	#undone(error: ApiError | undefined, back?: () => void): void {
		if (!error) return;
		this.problem = error;
		back?.();
	}

	/** Who takes part and how far they have read. */
	async #ask(): Promise<void> {
		try {
			this.whole = await this.deps.api.conversation(this.id);
			for (const mark of this.whole.marks) this.thread.marks.put(mark.who, mark);
			this.thread.marks.put(this.deps.me, { read: this.whole.read });
			this.newSince ??= this.whole.read;
		} catch {
			// The messages say that there is no connection; the rest is asked for again with it.
		}
	}

	#known(kept: Kept<ChatMessage>): void {
		this.deps.inbox.show(this.id, kept.messages.at(-1));
		clearTimeout(this.#keep);
		this.#keep = setTimeout(() => void this.deps.store.keepThread(this.id, kept), keptAfter);
	}
}
