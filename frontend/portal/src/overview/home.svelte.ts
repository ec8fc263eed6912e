import { asApiError, type ApiError } from '$kit/api/errors';
import type { HomeData, Me } from '$portal/api/paths';
import type { PortalApi } from '$portal/api/portal';

/** What the client sees first, and what every page needs of it: who they are and whose portal this is. */
export class Home {
	data = $state.raw<HomeData | undefined>(undefined);
	error = $state.raw<ApiError | undefined>(undefined);
	/** When the shown copy was kept; undefined while it is fresh. */
	keptAt = $state<string | undefined>(undefined);
	/** Ids that were new when the client last opened the notifications. */
	fresh = $state.raw<ReadonlySet<string>>(new Set());
	#asked = 0;
	#loadedAt = 0;

	constructor(private api: Pick<PortalApi, 'home' | 'seen' | 'dismiss'>) {}

	/** Loads; what is on screen stays until the new answer is there, and stays when there is none. */
	async load(): Promise<void> {
		const asked = ++this.#asked;
		try {
			const { data, keptAt } = await this.api.home();
			if (asked !== this.#asked) return;
			this.data = data;
			this.keptAt = keptAt;
			this.error = undefined;
			this.#loadedAt = Date.now();
		} catch (thrown) {
			if (asked === this.#asked) this.error = asApiError(thrown);
		}
	}

	/** For a page that comes back to the foreground: a phone sleeps through every push. */
	async loadIfOlderThan(milliseconds: number): Promise<void> {
		if (Date.now() - this.#loadedAt > milliseconds) await this.load();
	}

	/** The notifications were opened: the badge goes, the marks stay for this look. */
	async seen(): Promise<void> {
		if (!this.data || this.data.unseen === 0) {
			this.fresh = new Set();
			return;
		}
		this.fresh = new Set(this.data.recent.slice(0, this.data.unseen).map(({ id }) => id));
		const unseen = this.data.unseen;
		this.data = { ...this.data, unseen: 0 };
		try {
			await this.api.seen();
		} catch {
			// The badge tells the truth again; opening the panel tries once more.
			if (this.data.unseen === 0) this.data = { ...this.data, unseen };
		}
	}

	/** Puts a card away; it comes back when the server did not hear of it. */
	async dismiss(key: string): Promise<void> {
		if (!this.data) return;
		const before = this.data.needs_you;
		this.data = { ...this.data, needs_you: before.filter((need) => need.key !== key) };
		try {
			await this.api.dismiss(key);
		} catch (thrown) {
			this.data = { ...this.data, needs_you: before };
			this.error = asApiError(thrown);
		}
	}

	/** The profile was saved: the name in the greeting follows at once. */
	adopt(me: Me): void {
		if (this.data) this.data = { ...this.data, me };
	}
}
