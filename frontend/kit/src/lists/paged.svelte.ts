import { asApiError, isAbort, type ApiError } from '../api/errors';

export interface PageRequest {
	limit: number;
	/** Continue after a page; preferred, because rows that move do not shift it. */
	cursor?: string;
	/** Jump to a place far away. */
	offset?: number;
	signal: AbortSignal;
}

export interface Page<Item> {
	items: Item[] | null;
	next_cursor?: string | null;
}

export interface PagedOptions<Item> {
	key(item: Item): string;
	load(request: PageRequest): Promise<Page<Item>>;
	/** How many there are in all. Without it the list grows page by page. */
	count?(signal: AbortSignal): Promise<number>;
	size?: number;
	/** Pages kept in memory. */
	keep?: number;
}

interface Loaded<Item> {
	items: Item[];
	next: string | null;
}

/**
 * A long list fetched in pages as it is looked at. Rows stay on screen while
 * they are fetched anew; an answer that is no longer wanted is dropped.
 */
export class Paged<Item> {
	total = $state(0);
	/** The first answer has come. */
	ready = $state(false);
	error = $state.raw<ApiError | undefined>(undefined);
	#version = $state(0);
	#pages = new Map<number, Loaded<Item>>();
	#stale = new Set<number>();
	#loading = new Map<number, Promise<void>>();
	#abort = new AbortController();
	#window: [number, number] = [0, 0];
	/** How often rows were changed here, and how often all were asked for anew. */
	#changes = 0;
	#rounds = 0;
	#size: number;

	constructor(private options: PagedOptions<Item>) {
		this.#size = options.size ?? 100;
	}

	key = (item: Item): string => this.options.key(item);

	/** The row at a place, when it is in memory. */
	row(index: number): Item | undefined {
		void this.#version;
		return this.#pages.get(Math.floor(index / this.#size))?.items[index % this.#size];
	}

	/** Every row in memory, in order. */
	get loaded(): Item[] {
		void this.#version;
		return [...this.#pages.entries()].sort(([a], [b]) => a - b).flatMap(([, page]) => page.items);
	}

	indexOf(key: string): number {
		for (const [page, { items }] of this.#pages) {
			const found = items.findIndex((item) => this.key(item) === key);
			if (found >= 0) return page * this.#size + found;
		}
		return -1;
	}

	/** Says which rows are looked at; fetches what is missing or stale among them. */
	async want(from: number, to: number): Promise<void> {
		this.#window = [from, to];
		const first = Math.max(0, Math.floor(from / this.#size));
		const last = Math.max(first, Math.floor(Math.max(from, Math.min(to, this.total - 1)) / this.#size));
		const wanted: Promise<void>[] = [];
		for (let page = first; page <= last; page += 1) {
			if (this.#pages.has(page) && !this.#stale.has(page)) continue;
			wanted.push(this.#fetch(page));
		}
		await Promise.all(wanted);
	}

	/** Another question was asked: starts at the top, keeping the old rows until the new ones are there. */
	async restart(): Promise<void> {
		this.#abort.abort();
		this.#abort = new AbortController();
		this.#loading.clear();
		this.#window = [0, this.#size - 1];
		await this.#refetch(true);
	}

	/** The same question again, because something changed; the place is kept. */
	async refresh(): Promise<void> {
		await this.#refetch(false);
	}

	/** Changes rows in memory at once; returns how to take it back. */
	patch(keys: ReadonlySet<string>, change: (item: Item) => Item): () => void {
		const before = new Map<string, Item>();
		this.#each((item) => {
			if (!keys.has(this.key(item))) return item;
			before.set(this.key(item), item);
			return change(item);
		});
		return () => this.#each((item) => before.get(this.key(item)) ?? item);
	}

	/** Takes rows out of memory at once; returns how to put them back. */
	remove(keys: ReadonlySet<string>): () => void {
		this.#changes += 1;
		const [pages, total] = [new Map(this.#pages), this.total];
		const rest = this.loaded.filter((item) => !keys.has(this.key(item)));
		const gone = this.loaded.length - rest.length;
		const starts = [...this.#pages.keys()].sort((a, b) => a - b);
		// With holes in memory places cannot be recomputed: the rows stay until they are fetched anew.
		if (starts.every((page, i) => page === i)) this.#fill(rest);
		this.total = Math.max(0, total - gone);
		this.#touch();
		return () => {
			this.#changes += 1;
			this.#pages = pages;
			this.total = total;
			this.#touch();
		};
	}

	#fill(items: Item[]): void {
		const last = Math.max(...this.#pages.keys());
		const next = this.#pages.get(last)?.next ?? null;
		this.#pages = new Map();
		for (let at = 0; at < items.length; at += this.#size) this.#pages.set(at / this.#size, { items: items.slice(at, at + this.#size), next });
		this.#pages.forEach((_, page) => this.#stale.add(page));
	}

	#each(change: (item: Item) => Item): void {
		this.#changes += 1;
		for (const [page, loaded] of this.#pages) this.#pages.set(page, { ...loaded, items: loaded.items.map(change) });
		this.#touch();
	}

	#touch(): void {
		this.#version += 1;
	}

	async #refetch(fresh: boolean): Promise<void> {
		const signal = this.#abort.signal;
		this.#rounds += 1;
		this.#stale = new Set(this.#pages.keys());
		const [from, to] = this.#window;
		const page = Math.floor(Math.max(0, from) / this.#size);
		const counting = this.options.count?.(signal);
		counting?.catch(() => {});
		await this.#fetch(page, fresh);
		try {
			const total = await counting;
			if (total !== undefined && !signal.aborted) this.total = total;
		} catch (thrown) {
			this.#fail(thrown, signal);
		}
		if (!signal.aborted && !this.error) await this.want(from, to);
	}

	#fetch(page: number, fresh = false): Promise<void> {
		const running = this.#loading.get(page);
		if (running) return running;
		const signal = this.#abort.signal;
		const loading = this.#load(page, fresh, signal).finally(() => {
			if (this.#loading.get(page) === loading) this.#loading.delete(page);
		});
		this.#loading.set(page, loading);
		return loading;
	}

	async #load(page: number, fresh: boolean, signal: AbortSignal): Promise<void> {
		const before = fresh ? undefined : this.#pages.get(page - 1)?.next;
		if (!this.options.count && page > 0 && !before) return;
		const [changes, rounds] = [this.#changes, this.#rounds];
		const at = page === 0 ? {} : before ? { cursor: before } : { offset: page * this.#size };
		try {
			const answer = await this.options.load({ limit: this.#size, signal, ...at });
			if (signal.aborted) return;
			if (fresh) this.#pages.clear();
			if (fresh) this.#stale.clear();
			// What was asked before a change made here does not take it back, and what was
			// asked before the last round is asked again.
			else if (changes !== this.#changes && this.#pages.has(page)) return;
			if (rounds === this.#rounds) this.#stale.delete(page);
			this.#pages.set(page, { items: answer.items ?? [], next: answer.next_cursor ?? null });
			if (!this.options.count) this.#grow();
			this.#forget(page);
			this.error = undefined;
			this.ready = true;
			this.#touch();
		} catch (thrown) {
			this.#fail(thrown, signal);
		}
	}

	#fail(thrown: unknown, signal: AbortSignal): void {
		if (signal.aborted || isAbort(thrown)) return;
		this.error = asApiError(thrown);
	}

	/** Without a count: what is known, and one more row while there is more, so that scrolling asks for it. */
	#grow(): void {
		const last = Math.max(...this.#pages.keys());
		const page = this.#pages.get(last)!;
		this.total = last * this.#size + page.items.length + (page.next ? 1 : 0);
	}

	#forget(near: number): void {
		const keep = this.options.keep ?? 40;
		if (!this.options.count || this.#pages.size <= keep) return;
		const far = [...this.#pages.keys()].sort((a, b) => Math.abs(b - near) - Math.abs(a - near));
		for (const page of far.slice(0, this.#pages.size - keep)) this.#pages.delete(page);
	}
}
