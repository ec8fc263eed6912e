import { take } from '$kit/api/client';
import { asApiError } from '$kit/api/errors';
import type { ChatSettings, ConversationKind, Message } from '$kit/api/types/staff';
import type { Live } from '$kit/live/live';
import type { Outgoing, Queue } from '$kit/thread/types';
import type { Toasts } from '$kit/ui/toast/toasts.svelte';
import type { Api } from '$staff/api';
import { onFrame, type Frames } from './frames';
import type { Inbox } from './inbox.svelte';
import { Talk } from './talk.svelte';

type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** Conversations kept in memory, so that going back to one is instant. */
const kept = 24;
const key = 'portico.chat.outgoing';

/** Messages on their way by conversation; they outlive the page. */
type Waiting = Record<string, Outgoing<Message>[]>;

/** What opens beside any page: a new conversation, with whom it shall be. */
export interface Beginning {
	kind: ConversationKind;
	contacts: { id: string; name: string }[];
}

/** All conversations of this window: which is open, and what comes for them. */
export class Chat {
	/** The one on screen. */
	open = $state<string | undefined>(undefined);
	/** How the chat is kept; undefined until that is known. */
	settings = $state.raw<ChatSettings | undefined>(undefined);
	/** The dialog for a new one. */
	beginning = $state.raw<Beginning | undefined>(undefined);
	#talks = new Map<string, Talk>();
	/** What is computed of a conversation lives as long as it is kept, not as long as a page shows it. */
	#ends = new Map<string, () => void>();

	constructor(
		private api: Api,
		readonly inbox: Inbox,
		private toasts: Toasts,
		private store: Store,
		private onNews: (frame: Frames['chat.message']) => void = () => {},
	) {}

	/** The conversation, loaded when it is new here. */
	talk(id: string): Talk {
		const known = this.#talks.get(id);
		if (known) {
			this.#talks.delete(id);
			this.#talks.set(id, known);
			return known;
		}
		const talk = this.#make(id);
		talk.thread.restore(undefined, this.#waiting()[id] ?? []);
		void talk.load();
		this.#forget();
		return talk;
	}

	#make(id: string): Talk {
		let talk!: Talk;
		const end = $effect.root(() => {
			talk = new Talk(id, this.api, this.toasts, this.store, this.#queue(id));
		});
		this.#talks.set(id, talk);
		this.#ends.set(id, end);
		return talk;
	}

	#end(talk: Talk): void {
		talk.stop();
		this.#ends.get(talk.id)?.();
		this.#ends.delete(talk.id);
		this.#talks.delete(talk.id);
	}

	/** Listens, and sends what was left over. Answers how to stop. */
	start(live: Pick<Live, 'on'>): () => void {
		void this.inbox.loadCounts();
		void this.#loadSettings();
		for (const id of Object.keys(this.#waiting())) this.talk(id);
		const off = [
			onFrame(live, 'chat.message', (frame) => this.#received(frame)),
			onFrame(live, 'chat.note', (frame) => this.#each(frame?.conversation_id, (talk) => talk.noted(frame))),
			onFrame(live, 'chat.conversation', (frame) => {
				this.inbox.soon();
				this.#each(frame?.conversation_id, (talk) => void talk.loadWhole());
			}),
			onFrame(live, 'chat.marks', (frame) => {
				if (frame?.who === 'staff') this.inbox.read(frame.conversation_id, frame.read ?? 0);
				this.#each(frame?.conversation_id, (talk) => talk.marked(frame));
			}),
			onFrame(live, 'chat.typing', (frame) => {
				this.inbox.typed(frame);
				this.#each(frame?.conversation_id, (talk) => talk.typed(frame));
			}),
			onFrame(live, 'chat.presence', (frame) => {
				this.inbox.present(frame);
				for (const talk of this.#talks.values()) talk.present(frame);
			}),
		];
		return () => {
			off.forEach((stop) => stop());
			this.inbox.stop();
			for (const talk of [...this.#talks.values()]) this.#end(talk);
		};
	}

	async #loadSettings(): Promise<void> {
		try {
			this.settings = await take(this.api.GET('/api/staff/chat/settings'));
		} catch {
			// Without them there are no quiet hours.
		}
	}

	/** The connection is back. */
	resume(): void {
		this.inbox.soon();
		for (const talk of this.#talks.values()) talk.resume();
	}

	titleOf(id: string): string | undefined {
		return this.#talks.get(id)?.whole?.title ?? this.inbox.find(id)?.title;
	}

	/** The conversation with one contact, made when there is none; undefined when that was refused. */
	async with(contactID: string): Promise<string | undefined> {
		try {
			return await this.begin({ kind: 'direct', contact_ids: [contactID] });
		} catch (thrown) {
			this.toasts.error(asApiError(thrown).message);
			return undefined;
		}
	}

	/** Begins a conversation and answers its id; throws what was refused. */
	async begin(body: { kind: ConversationKind; title?: string; contact_ids?: string[]; tag?: string }): Promise<string> {
		const { id } = await take(this.api.POST('/api/staff/chat/conversations', { body }));
		this.inbox.soon();
		return id;
	}

	#received(frame: Frames['chat.message'] | undefined): void {
		this.inbox.received(frame);
		this.#each(frame?.conversation_id, (talk) => talk.received(frame));
		// What is new to this window, not what was changed.
		if (frame && frame.message.author.kind === 'client' && !frame.message.edited_at && !frame.message.deleted_at && frame.message.reactions.length === 0) this.onNews(frame);
	}

	#each(id: string | undefined, tell: (talk: Talk) => void): void {
		for (const talk of this.#talks.values()) if (id === undefined || talk.id === id) tell(talk);
	}

	/** The longest unseen go, unless something of them is on its way. */
	#forget(): void {
		for (const [id, talk] of this.#talks) {
			if (this.#talks.size <= kept) return;
			if (id === this.open || talk.thread.outbox.items.length > 0) continue;
			this.#end(talk);
		}
	}

	#queue(id: string): Queue<Message> {
		const change = (to: (items: Outgoing<Message>[]) => Outgoing<Message>[]) => {
			const all = this.#waiting();
			all[id] = to(all[id] ?? []);
			if (all[id].length === 0) delete all[id];
			this.store.setItem(key, JSON.stringify(all));
		};
		return {
			put: (item) => change((items) => [...items.filter((other) => other.client_msg_id !== item.client_msg_id), item]),
			drop: (gone) => change((items) => items.filter((other) => other.client_msg_id !== gone)),
		};
	}

	#waiting(): Waiting {
		try {
			return JSON.parse(this.store.getItem(key) ?? '{}') as Waiting;
		} catch {
			return {};
		}
	}
}
