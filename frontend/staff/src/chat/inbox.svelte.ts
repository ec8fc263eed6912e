import { SvelteSet } from 'svelte/reactivity';
import { take } from '$kit/api/client';
import { asApiError } from '$kit/api/errors';
import type { Conversation, ConversationKind, ConversationState, Message } from '$kit/api/types/staff';
import { Paged } from '$kit/lists/paged.svelte';
import type { Toasts } from '$kit/ui/toast/toasts.svelte';
import type { Api } from '$staff/api';
import { t } from '$staff/i18n';
import { formatFull } from '$kit/i18n/format';
import type { Frames } from './frames';

export type View = ConversationState | 'all';
export const views: readonly View[] = ['waiting', 'snoozed', 'done', 'all'];

const pageSize = 50;
/** Many frames in a row are one look. */
const gather = 120;
const typingShown = 6_000;

/** The list of conversations: what is asked, what is shown, what is done with one. */
export class Inbox {
	view = $state<View>('waiting');
	kind = $state<ConversationKind | undefined>(undefined);
	/** How many wait, and how many of them hold something that was not read. */
	waiting = $state(0);
	unread = $state(0);
	/** Conversations in which a client is writing just now. */
	readonly typing = new SvelteSet<string>();
	readonly rows: Paged<Conversation>;
	#later: ReturnType<typeof setTimeout> | undefined;
	#typing = new Map<string, ReturnType<typeof setTimeout>>();
	/** How far staff have read, which the server may hear of only after it was asked. */
	#read = new Map<string, number>();

	constructor(
		private api: Api,
		private toasts: Toasts,
	) {
		this.rows = new Paged<Conversation>({
			size: pageSize,
			key: (conversation) => conversation.id,
			load: async ({ limit, cursor, signal }) => {
				const query = { limit, cursor, kind: this.kind, state: this.view === 'all' ? undefined : this.view };
				const page = await take(this.api.GET('/api/staff/chat/conversations', { params: { query }, signal }));
				return { ...page, items: page.items.map((row) => this.#asRead(row)) };
			},
		});
	}

	async load(): Promise<void> {
		await Promise.all([this.rows.ready ? this.rows.refresh() : this.rows.restart(), this.loadCounts()]);
	}

	async loadCounts(): Promise<void> {
		try {
			const { waiting, unread } = await take(this.api.GET('/api/staff/chat/counts'));
			this.waiting = waiting;
			this.unread = unread;
		} catch {
			// The badge keeps its number; the page itself says what is wrong.
		}
	}

	async ask(change: { view?: View; kind?: ConversationKind | undefined }): Promise<void> {
		if (change.view) this.view = change.view;
		if ('kind' in change) this.kind = change.kind;
		await this.rows.restart();
	}

	find(id: string): Conversation | undefined {
		return this.rows.loaded.find((conversation) => conversation.id === id);
	}

	/** The conversation so many places after this one, or at the nearer end. */
	beside(id: string | undefined, by: 1 | -1): Conversation | undefined {
		const index = id ? this.rows.indexOf(id) : -1;
		if (index < 0) return this.rows.row(0);
		return this.rows.row(Math.max(0, index + by));
	}

	/** Looks again soon, once for many reasons. */
	soon(): void {
		this.#later ??= setTimeout(() => {
			this.#later = undefined;
			void this.load();
		}, gather);
	}

	stop(): void {
		clearTimeout(this.#later);
		this.#later = undefined;
		for (const timer of this.#typing.values()) clearTimeout(timer);
		this.#typing.clear();
		this.typing.clear();
	}

	/** A message came: its row says so at once, its place in the list follows. */
	received(frame: Frames['chat.message'] | undefined): void {
		if (frame) {
			const { message } = frame;
			if (message.author.kind === 'client') this.#quiet(frame.conversation_id);
			this.rows.patch(new Set([frame.conversation_id]), (row) => withMessage(row, message));
		}
		this.soon();
	}

	typed(frame: Frames['chat.typing'] | undefined): void {
		if (!frame || frame.who === 'staff') return;
		const id = frame.conversation_id;
		clearTimeout(this.#typing.get(id));
		this.typing.add(id);
		this.#typing.set(
			id,
			setTimeout(() => this.#quiet(id), typingShown),
		);
	}

	#quiet(id: string): void {
		clearTimeout(this.#typing.get(id));
		this.#typing.delete(id);
		this.typing.delete(id);
	}

	present(frame: Frames['chat.presence'] | undefined): void {
		if (!frame) return this.soon();
		const its = this.rows.loaded.filter((row) => row.contact?.contact_id === frame.who).map((row) => row.id);
		if (its.length > 0) this.rows.patch(new Set(its), (row) => (row.contact ? { ...row, contact: { ...row.contact, online: frame.online } } : row));
	}

	/** Staff have read so far, here or elsewhere. */
	read(id: string, seq: number): void {
		const row = this.find(id);
		this.#read.set(id, Math.max(seq, this.#read.get(id) ?? 0));
		if (!row || row.read >= seq) return;
		this.rows.patch(new Set([id]), (now) => this.#asRead(now));
		if (row.state === 'waiting' && row.unread > 0 && row.last_seq <= seq) this.unread = Math.max(0, this.unread - 1);
	}

	#asRead<Row extends Pick<Conversation, 'id' | 'read' | 'unread' | 'last_seq'>>(row: Row): Row {
		const read = this.#read.get(row.id) ?? 0;
		return read > row.read ? { ...row, read, unread: Math.max(0, row.last_seq - read) } : row;
	}

	/** Says what is to be done with a conversation; what was is offered back. False when it was refused. */
	async setState(conversation: Pick<Conversation, 'id' | 'title' | 'state' | 'snoozed_until'>, state: ConversationState, until?: string): Promise<boolean> {
		const { id, title, state: before } = conversation;
		const backs = [this.#place(id, state, until)];
		this.waiting = Math.max(0, this.waiting + Number(state === 'waiting') - Number(before === 'waiting'));
		const sent = this.#send(id, state, until);
		// Offered at once: whoever takes it back before the server has answered must not press in vain.
		const toast = this.toasts.show({ text: said(title, state, until), undo: () => sent.then(() => this.#undo(conversation), () => {}) });
		try {
			await sent;
		} catch (thrown) {
			backs.forEach((back) => back());
			this.toasts.dismiss(toast);
			this.toasts.error(asApiError(thrown).message);
			void this.loadCounts();
			return false;
		}
		this.soon();
		return true;
	}

	async #undo(conversation: Pick<Conversation, 'id' | 'title' | 'state' | 'snoozed_until'>): Promise<void> {
		const { id, state, snoozed_until: until } = conversation;
		const over = state === 'snoozed' && (!until || new Date(until).getTime() <= Date.now());
		try {
			await this.#send(id, over ? 'waiting' : state, over ? undefined : (until ?? undefined));
		} catch (thrown) {
			this.toasts.error(asApiError(thrown).message);
		}
		await this.load();
	}

	/** Out of the view that it no longer belongs to, or changed in its place. */
	#place(id: string, state: ConversationState, until: string | undefined): () => void {
		if (this.view !== 'all' && this.view !== state) return this.rows.remove(new Set([id]));
		return this.rows.patch(new Set([id]), (row) => ({ ...row, state, snoozed_until: until ?? null }));
	}

	async #send(id: string, state: ConversationState, until: string | undefined): Promise<void> {
		await take(this.api.PATCH('/api/staff/chat/conversations/{id}', { params: { path: { id } }, body: { state, snoozed_until: until } }));
	}
}

function withMessage(row: Conversation, message: Message): Conversation {
	if (message.seq < row.last_seq) return row;
	const isNew = message.seq > row.last_seq;
	const mine = message.author.kind === 'staff';
	const read = mine && isNew ? message.seq : row.read;
	return { ...row, last_message: message, last_seq: message.seq, last_at: isNew ? message.created_at : row.last_at, read, unread: Math.max(0, message.seq - read), rev: Math.max(row.rev, message.rev) };
}

function said(title: string, state: ConversationState, until: string | undefined): string {
	if (state === 'snoozed') return t('chat.was_snoozed', { name: title, at: formatFull(until ?? '') });
	return t(state === 'done' ? 'chat.was_done' : 'chat.was_reopened', { name: title });
}
