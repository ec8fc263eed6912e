import { asApiError, type ApiError } from '../api/errors';
import type { Draft, Message, Outgoing, Queue } from './types';

const shortest = 1_000;
const longest = 30_000;

/** Growing pauses, jittered so that a crowd does not come back at once. */
export function pause(attempt: number, random: () => number): number {
	return Math.min(longest, shortest * 2 ** Math.min(attempt, 10)) * (0.5 + random() / 2);
}

/** Nothing is wrong with what was asked: it can be asked again by itself. */
export function isTemporary(error: ApiError): boolean {
	return error.offline || error.status === 401 || error.status === 408 || error.status === 429 || error.status >= 500;
}

export interface OutboxOptions<M extends Message> {
	send(draft: Draft): Promise<M>;
	onSent(message: M): void;
	queue?: Queue<M>;
	random?(): number;
}

/**
 * Messages on their way: one at a time and in order. What fails for want of a
 * connection is sent again, under the same id, until it is there; what the
 * server refuses steps aside and keeps its reason.
 */
export class Outbox<M extends Message> {
	items = $state.raw<Outgoing<M>[]>([]);
	#busy = false;
	#stopped = false;
	#attempt = 0;
	#timer: ReturnType<typeof setTimeout> | undefined;

	constructor(private options: OutboxOptions<M>) {}

	add(item: Omit<Outgoing<M>, 'client_msg_id' | 'created_at' | 'state' | 'error'>): Outgoing<M> {
		const outgoing: Outgoing<M> = { ...item, client_msg_id: crypto.randomUUID(), created_at: new Date().toISOString(), state: this.#attempt > 0 ? 'waiting' : 'sending' };
		this.items = [...this.items, outgoing];
		this.options.queue?.put(outgoing);
		void this.#pump();
		return outgoing;
	}

	/** What was left over when the page was closed, oldest first. */
	restore(items: readonly Outgoing<M>[]): void {
		const known = new Set(this.items.map(({ client_msg_id }) => client_msg_id));
		const left = items.filter(({ client_msg_id }) => !known.has(client_msg_id));
		this.items = [...left.map((item) => (item.state === 'failed' ? item : { ...item, state: 'waiting' as const })), ...this.items];
		void this.#pump();
	}

	/** Tries a refused message again, after all others. */
	retry(id: string): void {
		const item = this.items.find((one) => one.client_msg_id === id);
		if (item?.state !== 'failed') return;
		const again: Outgoing<M> = { ...item, state: 'sending', error: undefined };
		this.items = [...this.items.filter((one) => one !== item), again];
		this.options.queue?.put(again);
		void this.#pump();
	}

	/** Gives a message up, unless it is being sent just now; answers what it was. */
	drop(id: string): Outgoing<M> | undefined {
		const item = this.items.find((one) => one.client_msg_id === id);
		if (!item || item.state === 'sending') return undefined;
		this.settle([id]);
		return item;
	}

	/** These have arrived, whoever says so. */
	settle(ids: readonly string[]): void {
		const gone = this.items.filter(({ client_msg_id }) => ids.includes(client_msg_id));
		if (gone.length === 0) return;
		this.items = this.items.filter((item) => !gone.includes(item));
		for (const { client_msg_id } of gone) this.options.queue?.drop(client_msg_id);
	}

	/** The connection may be back: does not wait out its pause. */
	resume(): void {
		this.#stopped = false;
		this.#wake();
	}

	stop(): void {
		this.#stopped = true;
		clearTimeout(this.#timer);
		this.#timer = undefined;
	}

	#wake(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		void this.#pump();
	}

	async #pump(): Promise<void> {
		if (this.#busy || this.#stopped || this.#timer) return;
		this.#busy = true;
		try {
			for (let next = this.#next(); next; next = this.#next()) if (!(await this.#sent(next))) break;
		} finally {
			this.#busy = false;
		}
	}

	#next(): Outgoing<M> | undefined {
		return this.#stopped || this.#timer ? undefined : this.items.find(({ state }) => state !== 'failed');
	}

	/** False when nothing can be sent now. */
	async #sent(item: Outgoing<M>): Promise<boolean> {
		const { client_msg_id, text, reply_to, attachments } = item;
		try {
			const message = await this.options.send({ client_msg_id, text, reply_to, attachments });
			this.#attempt = 0;
			this.settle([client_msg_id]);
			this.options.onSent(message);
			return true;
		} catch (thrown) {
			const error = asApiError(thrown);
			if (!isTemporary(error)) {
				this.#replace(client_msg_id, { state: 'failed', error });
				return true;
			}
			this.items = this.items.map((one) => (one.state === 'sending' ? { ...one, state: 'waiting', error } : one));
			this.#timer = this.#stopped ? undefined : setTimeout(() => this.#wake(), pause(this.#attempt, this.options.random ?? Math.random));
			this.#attempt += 1;
			return false;
		}
	}

	#replace(id: string, change: Partial<Outgoing<M>>): void {
		this.items = this.items.map((one) => (one.client_msg_id === id ? { ...one, ...change } : one));
		const now = this.items.find((one) => one.client_msg_id === id);
		if (now) this.options.queue?.put(now);
	}
}
