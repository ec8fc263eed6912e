import { take } from '$kit/api/client';
import { asApiError, isAbort, type ApiError } from '$kit/api/errors';
import type { Found } from '$kit/api/types/staff';
import type { Api } from '$staff/api';

/** Search over everything that was ever said, and in internal notes. */
export class ChatSearch {
	query = $state('');
	/** Only in this conversation. */
	within = $state<string | undefined>(undefined);
	items = $state.raw<Found[]>([]);
	ready = $state(false);
	busy = $state(false);
	error = $state.raw<ApiError | undefined>(undefined);
	#next = $state.raw<string | null>(null);
	#abort = new AbortController();

	constructor(private api: Api) {}

	get active(): boolean {
		return this.query.trim() !== '';
	}

	get hasMore(): boolean {
		return this.#next !== null;
	}

	/** Asks anew; what was found before stays until the answer is there. */
	async ask(change: { query?: string; within?: string | undefined }): Promise<void> {
		if (change.query !== undefined) this.query = change.query;
		if ('within' in change) this.within = change.within;
		this.#abort.abort();
		this.#abort = new AbortController();
		if (this.active) await this.#read(undefined);
		else {
			this.items = [];
			this.ready = false;
			this.#next = null;
		}
	}

	async more(): Promise<void> {
		if (this.#next && !this.busy) await this.#read(this.#next);
	}

	async #read(cursor: string | undefined): Promise<void> {
		const { signal } = this.#abort;
		this.busy = true;
		try {
			const page = await take(this.api.GET('/api/staff/chat/search', { params: { query: { q: this.query.trim(), conversation_id: this.within, cursor } }, signal }));
			if (signal.aborted) return;
			this.items = cursor ? [...this.items, ...page.items] : page.items;
			this.#next = page.next_cursor;
			this.ready = true;
			this.error = undefined;
		} catch (thrown) {
			if (!signal.aborted && !isAbort(thrown)) this.error = asApiError(thrown);
		} finally {
			if (!signal.aborted) this.busy = false;
		}
	}
}
