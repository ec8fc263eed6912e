import { asApiError, type ApiError } from '$kit/api/errors';
import type { ChatApi, Preferences } from './api';

/** How a client is told of messages by mail. Each choice is saved at once. */
export class Preferring {
	values = $state.raw<Preferences | undefined>(undefined);
	saved = $state(false);
	error = $state.raw<ApiError | undefined>(undefined);
	#wanted: Preferences | undefined;
	#busy = false;

	constructor(private api: Pick<ChatApi, 'preferences' | 'prefer'>) {}

	async load(): Promise<void> {
		try {
			const values = await this.api.preferences();
			if (!this.#busy) this.values = values;
			this.error = undefined;
		} catch (thrown) {
			this.error = asApiError(thrown);
		}
	}

	/** Shows a choice at once; what the server refuses stays on screen with the reason. */
	async choose(change: Partial<Preferences>): Promise<void> {
		if (!this.values) return;
		this.#wanted = this.values = { ...this.values, ...change };
		this.saved = false;
		if (this.#busy) return;
		this.#busy = true;
		try {
			for (let next: Preferences | undefined = this.#wanted; next; next = this.#wanted) {
				this.#wanted = undefined;
				const kept = await this.api.prefer(next);
				this.values = this.#wanted ?? kept;
			}
			this.error = undefined;
			this.saved = true;
		} catch (thrown) {
			this.error = asApiError(thrown);
		} finally {
			this.#busy = false;
		}
	}
}
