import { SvelteSet } from 'svelte/reactivity';

/** Chosen rows by key, with the place a range starts from. */
export class Selection {
	readonly keys = new SvelteSet<string>();
	#anchor = 0;

	get size(): number {
		return this.keys.size;
	}

	has(key: string): boolean {
		return this.keys.has(key);
	}

	toggle(key: string, index: number): void {
		if (!this.keys.delete(key)) this.keys.add(key);
		this.#anchor = index;
	}

	/** From the last toggled row to this one; rows not in memory cannot be chosen so. */
	extend(index: number, keyAt: (index: number) => string | undefined): void {
		const [from, to] = [Math.min(this.#anchor, index), Math.max(this.#anchor, index)];
		for (let at = from; at <= to; at += 1) {
			const key = keyAt(at);
			if (key) this.keys.add(key);
		}
	}

	replace(keys: Iterable<string>): void {
		this.keys.clear();
		for (const key of keys) this.keys.add(key);
	}

	clear(): void {
		this.keys.clear();
	}
}
