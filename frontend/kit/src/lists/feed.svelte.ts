import { asApiError, isAbort, type ApiError } from '../api/errors';
import type { Page } from './paged.svelte';

/** A list read from the top with "show more"; for what is looked at in order. */
export class Feed<Item extends { id: string }> {
	items = $state.raw<Item[]>([]);
	ready = $state(false);
	busy = $state(false);
	error = $state.raw<ApiError | undefined>(undefined);
	#next = $state<string | null>(null);
	#abort = new AbortController();

	constructor(private load_: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<Item>>) {}

	get hasMore(): boolean {
		return this.#next !== null;
	}

	/** From the top; what is shown stays until the answer is there. */
	async load(): Promise<void> {
		this.#abort.abort();
		this.#abort = new AbortController();
		await this.#read(undefined, this.#abort.signal);
	}

	async more(): Promise<void> {
		if (this.#next === null || this.busy) return;
		await this.#read(this.#next, this.#abort.signal);
	}

	/** Replaces one item, or adds it at the top. */
	put(item: Item): void {
		const known = this.items.some((other) => other.id === item.id);
		this.items = known ? this.items.map((other) => (other.id === item.id ? item : other)) : [item, ...this.items];
	}

	/** Takes one out; returns how to put it back in its place. */
	take(id: string): () => void {
		const before = this.items;
		this.items = before.filter((item) => item.id !== id);
		return () => (this.items = before);
	}

	async #read(cursor: string | undefined, signal: AbortSignal): Promise<void> {
		this.busy = true;
		try {
			const page = await this.load_(cursor, signal);
			if (signal.aborted) return;
			const known = new Set(cursor ? this.items.map((item) => item.id) : []);
			const fresh = (page.items ?? []).filter((item) => !known.has(item.id));
			this.items = cursor ? [...this.items, ...fresh] : fresh;
			this.#next = page.next_cursor ?? null;
			this.error = undefined;
			this.ready = true;
		} catch (thrown) {
			if (!signal.aborted && !isAbort(thrown)) this.error = asApiError(thrown);
		} finally {
			if (!signal.aborted) this.busy = false;
		}
	}
}
