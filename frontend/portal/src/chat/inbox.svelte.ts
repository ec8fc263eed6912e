import { asApiError, type ApiError } from '$kit/api/errors';
import type { Frame } from '$kit/live/live';
import type { ChatApi, ChatMessage, Conversation } from './api';
import { authorOf, type ChatFrame } from './frames';

const together = 250;

/** What the client takes part in and how much of it is new: all that the other pages need of chat. */
export class Inbox {
	items = $state.raw<Conversation[] | undefined>(undefined);
	error = $state.raw<ApiError | undefined>(undefined);
	unread = $derived(this.items?.reduce((sum, one) => sum + one.unread, 0) ?? 0);
	/** Told whenever the list was read, to keep it. */
	onItems: ((items: Conversation[]) => void) | undefined;
	#asked = 0;
	#soon: ReturnType<typeof setTimeout> | undefined;
	/** Up to where each was said to be on this device. */
	#delivered = new Map<string, number>();

	constructor(
		private api: Pick<ChatApi, 'conversations' | 'mark'>,
		/** The key of this client. */
		private me: () => string | undefined,
	) {}

	async load(): Promise<void> {
		clearTimeout(this.#soon);
		const asked = ++this.#asked;
		try {
			const items = await this.api.conversations();
			if (asked !== this.#asked) return;
			this.items = items;
			this.error = undefined;
			this.onItems?.(items);
			for (const one of items) if (one.unread > 0) this.#deliver(one.id, one.last_seq);
		} catch (thrown) {
			if (asked === this.#asked) this.error = asApiError(thrown);
		}
	}

	/** What was kept of the list, while the server has not answered. */
	adopt(items: Conversation[] | undefined): void {
		this.items ??= items;
	}

	/** Something came live. */
	hear(frame: Frame): void {
		const { conversation_id: id, message } = frame as ChatFrame;
		const known = id === undefined ? undefined : this.items?.find((one) => one.id === id);
		if (!known || !message) return this.#later();
		if (message.seq > known.last_seq) {
			const mine = authorOf(message) === this.me();
			if (!mine) this.#deliver(known.id, message.seq);
			const moved: Conversation = { ...known, last_seq: message.seq, rev: message.rev, last_at: message.created_at, last_message: message, unread: mine ? 0 : known.unread + 1 };
			this.items = [moved, ...(this.items ?? []).filter((one) => one !== known)];
		} else if (message.id === known.last_message?.id) {
			this.#replace({ ...known, rev: message.rev, last_message: message });
		}
	}

	/** Read here up to a message: the badge goes at once. */
	read(id: string, seq: number, lastSeq: number): void {
		const known = this.items?.find((one) => one.id === id);
		if (!known || seq <= known.read) return;
		this.#replace({ ...known, read: seq, unread: seq >= Math.max(lastSeq, known.last_seq) ? 0 : known.unread });
	}

	/** The newest message as this device knows it, for the list. */
	show(id: string, message: ChatMessage | undefined): void {
		const known = this.items?.find((one) => one.id === id);
		if (known && message && message.seq >= known.last_seq && message.rev > (known.last_message?.rev ?? 0)) this.#replace({ ...known, last_seq: message.seq, last_at: message.created_at, last_message: message });
	}

	#replace(one: Conversation): void {
		this.items = this.items?.map((item) => (item.id === one.id ? one : item));
	}

	/** Many frames at once are one question. */
	#later(): void {
		clearTimeout(this.#soon);
		this.#soon = setTimeout(() => void this.load(), together);
	}

	#deliver(id: string, seq: number): void {
		if (seq <= (this.#delivered.get(id) ?? 0)) return;
		this.#delivered.set(id, seq);
		this.api.mark(id, { read: 0, delivered: seq }).catch(() => this.#delivered.delete(id));
	}
}
