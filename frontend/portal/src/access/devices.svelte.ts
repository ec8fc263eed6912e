import { asApiError, type ApiError } from '$kit/api/errors';
import type { Session } from '$portal/api/paths';
import type { PortalApi } from '$portal/api/portal';

/** Where the client is signed in. */
export class Devices {
	items = $state.raw<Session[] | undefined>(undefined);
	error = $state.raw<ApiError | undefined>(undefined);
	/** The session that is being ended, or "others". */
	ending = $state<string | undefined>(undefined);
	others = $derived(this.items?.filter((session) => !session.current) ?? []);

	constructor(private api: Pick<PortalApi, 'sessions' | 'endSession' | 'endOtherSessions'>) {}

	/** This device first, then the one that was used last. */
	async load(): Promise<void> {
		try {
			const items = await this.api.sessions();
			this.items = items.toSorted((a, b) => Number(b.current) - Number(a.current) || b.last_seen_at.localeCompare(a.last_seen_at));
			this.error = undefined;
		} catch (thrown) {
			this.error = asApiError(thrown);
		}
	}

	/** The list shows what the server says, never the wish: it is read again after each end. */
	async end(id: string): Promise<boolean> {
		return this.#ending(id, () => this.api.endSession(id));
	}

	async endOthers(): Promise<boolean> {
		return this.#ending('others', () => this.api.endOtherSessions());
	}

	async #ending(what: string, call: () => Promise<void>): Promise<boolean> {
		if (this.ending) return false;
		this.ending = what;
		try {
			await call();
		} catch (thrown) {
			this.error = asApiError(thrown);
			return false;
		} finally {
			this.ending = undefined;
		}
		await this.load();
		return true;
	}
}
