import type { Frame, Listener } from '$kit/live/live';
import { opened } from '$kit/live/live';
import type { Availability } from './api';
import { drafts } from './drafts';
import type { ChatFrame } from './frames';
import { staff } from './frames';
import { waitingName } from './names';
import { Preferring } from './preferring.svelte';
import { Talk, type TalkDeps } from './talk.svelte';

/** How many conversations are made ready for when there is no connection. */
const prepared = 10;

export interface ChatDeps extends TalkDeps {
	live: { on(topic: string, listener: Listener): () => void };
}

/** All conversations of this client on this device. */
export class Chat {
	/** Somebody of the business is there now; undefined while that is not known. */
	businessHere = $state<boolean | undefined>(undefined);
	/** When one may expect an answer. */
	availability = $state.raw<Availability | undefined>(undefined);
	readonly preferring: Preferring;
	#talks = new Map<string, Talk>();
	#ready: Promise<void>;

	constructor(private deps: ChatDeps) {
		this.preferring = new Preferring(deps.api);
		this.#ready = this.#start();
		for (const topic of ['chat.message', 'chat.marks', 'chat.typing', 'chat.conversation']) deps.live.on(topic, (frame) => void this.#hear(frame));
		deps.live.on('chat.presence', (frame) => this.#presence(frame));
		deps.live.on('resync', () => this.resume());
		deps.live.on(opened, () => this.resume());
	}

	/** What was left over is known. */
	ready(): Promise<void> {
		return this.#ready;
	}

	talk(id: string): Talk {
		let talk = this.#talks.get(id);
		if (!talk) this.#talks.set(id, (talk = new Talk(id, this.deps)));
		return talk;
	}

	/** The connection may be back, or frames may have been missed. */
	resume(): void {
		for (const talk of this.#talks.values()) void talk.resume();
		if (this.availability) void this.lookWhoIsThere();
	}

	/** Asks whether the business is there. */
	async lookWhoIsThere(): Promise<void> {
		try {
			this.availability = await this.deps.api.availability();
			this.businessHere = this.availability.online;
		} catch {
			// Nothing is promised then.
		}
	}

	/** Reads what an installed app shows without a connection, one conversation after another. */
	async prepare(): Promise<void> {
		await this.#ready;
		for (const { id } of (this.deps.inbox.items ?? []).slice(0, prepared)) if (!this.#talks.has(id)) await this.talk(id).prepare();
	}

	async #start(): Promise<void> {
		const { store, inbox } = this.deps;
		inbox.onItems = (items) => void store.keepConversations(items);
		const [items, queued] = await Promise.all([store.conversations(), store.queued()]);
		if (inbox.items) void store.keepConversations(inbox.items);
		else inbox.adopt(items);
		const ids = new Set(queued.map((item) => item.conversation_id));
		for (const id of ids) if (!this.#talks.has(id)) this.#talks.set(id, new Talk(id, this.deps, queued.filter((item) => item.conversation_id === id)));
		if (queued.length === 0) drafts.removeItem(waitingName);
	}

	async #hear(frame: Frame): Promise<void> {
		const { conversation_id: id } = frame as ChatFrame;
		if (id === undefined) return this.resume();
		await this.#ready;
		await this.talk(id).hear(frame as ChatFrame);
	}

	#presence(frame: Frame): void {
		const { who, online } = frame as ChatFrame;
		// After a gap nobody knows.
		if (who === undefined || who === staff) this.businessHere = online;
	}
}
