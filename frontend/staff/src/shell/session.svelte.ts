import { take } from '$kit/api/client';
import { asApiError, type ApiError } from '$kit/api/errors';
import type { Me } from '$kit/api/types/staff';
import { i18n, nearest } from '$kit/i18n/catalogue.svelte';
import type { Theme } from '$kit/theme/theme';
import type { Api } from '$staff/api';

type Changes = Partial<Pick<Me, 'name' | 'language' | 'time_zone' | 'theme'>>;

/** Who sits here, and how they want to see things. */
export class Session {
	me = $state.raw<Me | undefined>(undefined);
	error = $state.raw<ApiError | undefined>(undefined);

	constructor(
		private api: Api,
		private showTheme: (theme: Theme) => void,
		private ended: () => void,
	) {}

	async load(): Promise<void> {
		try {
			await this.#show(await take(this.api.GET('/api/staff/me')));
			this.error = undefined;
		} catch (thrown) {
			this.error = asApiError(thrown);
		}
	}

	/** Shows the change at once; takes it back and throws when it was not saved. */
	async change(changes: Changes): Promise<void> {
		const before = this.me;
		if (!before) return;
		await this.#show({ ...before, ...changes });
		try {
			await this.#show(await take(this.api.PATCH('/api/staff/me', { body: changes })));
		} catch (thrown) {
			await this.#show(before);
			throw asApiError(thrown);
		}
	}

	/** Only a browser is signed in; the window is whoever sits at this computer. */
	get canSignOut(): boolean {
		return this.me?.via === 'browser';
	}

	/** Ends this browser's session; throws when it goes on. */
	async signOut(): Promise<void> {
		await take(this.api.POST('/api/staff/sign-out'));
		this.ended();
	}

	async #show(me: Me): Promise<void> {
		this.me = me;
		this.showTheme(me.theme);
		i18n.timeZone = known(me.time_zone);
		const locale = nearest([me.language]);
		if (locale !== i18n.locale) await i18n.use(locale);
	}
}

/** A time zone this browser knows, else its own. */
function known(zone: string): string | undefined {
	try {
		return zone && new Intl.DateTimeFormat('en', { timeZone: zone }) ? zone : undefined;
	} catch {
		return undefined;
	}
}
