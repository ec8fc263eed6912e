import type { Kept } from '$kit/thread/thread.svelte';
import type { Outgoing } from '$kit/thread/types';
import type { ChatMessage, Conversation } from './api';
import { drafts } from './drafts';
import { keptName, leaving, queueName, waitingName } from './names';

const newest = 200;

export interface Queued extends Outgoing<ChatMessage> {
	conversation_id: string;
	contact_id: string;
}

/** What of chat outlives the page. Nothing of it is needed: where storage is forbidden all answers are empty. */
export class ChatStore {
	#bases = new Map<string, Promise<IDBDatabase | undefined>>();

	constructor(
		private contact: string,
		private factory: IDBFactory | undefined = globalThis.indexedDB,
	) {}

	conversations = () => this.#get<Conversation[]>('conversations');
	keepConversations = (items: Conversation[]) => this.#put(keptName, `${this.contact} conversations`, items);
	thread = (id: string) => this.#get<Kept<ChatMessage>>(id);

	/** The newest of a conversation; what is older is read again when it is wanted. */
	keepThread(id: string, { messages, rev, hasOlder }: Kept<ChatMessage>): Promise<void> {
		return this.#put(keptName, `${this.contact} ${id}`, { messages: messages.slice(-newest), rev, hasOlder: hasOlder || messages.length > newest });
	}

	/** Oldest first. */
	async queued(): Promise<Queued[]> {
		const all = (await this.#ask<Queued[]>(queueName, 'readonly', (store) => store.getAll() as IDBRequest<Queued[]>)) ?? [];
		return all.filter((item) => item.contact_id === this.contact).sort((a, b) => a.created_at.localeCompare(b.created_at));
	}

	/** Durable before it is sent, so that nothing written is lost. */
	queue(conversation: string, item: Outgoing<ChatMessage>): Promise<void> {
		const { client_msg_id, text, reply_to, attachments, files, created_at, quote, state } = item;
		const plain = { client_msg_id, text, reply_to, attachments, files, created_at, quote: quote && { ...quote }, state, conversation_id: conversation, contact_id: this.contact };
		drafts.setItem(waitingName, '1');
		return this.#put(queueName, client_msg_id, JSON.parse(JSON.stringify(plain)));
	}

	async unqueue(id: string): Promise<void> {
		await this.#ask(queueName, 'readwrite', (store) => store.delete(id));
	}

	#get<Value>(key: string): Promise<Value | undefined> {
		return this.#ask<Value>(keptName, 'readonly', (store) => store.get(`${this.contact} ${key}`) as IDBRequest<Value>);
	}

	async #put(base: string, key: string, value: unknown): Promise<void> {
		await this.#ask(base, 'readwrite', (store) => store.put(value, key));
	}

	async #ask<Answer>(base: string, mode: IDBTransactionMode, ask: (store: IDBObjectStore) => IDBRequest): Promise<Answer | undefined> {
		const open = await this.#open(base);
		if (!open) return undefined;
		try {
			const transaction = open.transaction('all', mode, { durability: base === queueName ? 'strict' : 'relaxed' });
			return await settled<Answer>(ask(transaction.objectStore('all')));
		} catch {
			return undefined;
		}
	}

	#open(name: string): Promise<IDBDatabase | undefined> {
		let base = this.#bases.get(name);
		if (!base && leaving.begun) return Promise.resolve(undefined);
		if (!base) this.#bases.set(name, (base = this.#opened(name)));
		return base;
	}

	async #opened(name: string): Promise<IDBDatabase | undefined> {
		try {
			const request = this.factory?.open(name, 1);
			if (!request) return undefined;
			request.onupgradeneeded = () => request.result.createObjectStore('all');
			const base = await settled<IDBDatabase>(request);
			// Whoever forgets everything must not wait for this page, and this page must not write again.
			if (base) base.onversionchange = () => base.close();
			return base;
		} catch {
			return undefined;
		}
	}
}

function settled<Answer>(request: IDBRequest): Promise<Answer | undefined> {
	return new Promise((done, fail) => {
		request.onsuccess = () => done(request.result as Answer);
		request.onerror = () => fail(request.error ?? new Error('storage'));
	});
}
