import { take } from '$kit/api/client';
import { asApiError, type ApiError } from '$kit/api/errors';
import type { ApiToken, NewApiToken } from '$kit/api/types/staff';
import type { Toasts } from '$kit/ui/toast/toasts.svelte';
import type { Api } from '$staff/api';
import { t } from '$staff/i18n';

/** Tokens of the staff API. A value is known only right after it was made. */
export class Tokens {
	items = $state.raw<ApiToken[] | undefined>(undefined);
	error = $state.raw<ApiError | undefined>(undefined);
	made = $state.raw<NewApiToken | undefined>(undefined);
	problem = $state.raw<ApiError | undefined>(undefined);
	busy = $state(false);

	constructor(
		private api: Api,
		private toasts: Toasts,
	) {}

	async load(): Promise<void> {
		try {
			this.items = (await take(this.api.GET('/api/staff/tokens'))).items;
			this.error = undefined;
		} catch (thrown) {
			this.error = asApiError(thrown);
		}
	}

	/** True when it was made and is shown. */
	async make(name: string): Promise<boolean> {
		this.busy = true;
		this.problem = this.made = undefined;
		try {
			const made = await take(this.api.POST('/api/staff/tokens', { body: { name } }));
			this.made = made;
			this.items = [{ id: made.id, name: made.name, created_at: made.created_at, last_used_at: null }, ...(this.items ?? [])];
			return true;
		} catch (thrown) {
			this.problem = asApiError(thrown);
			return false;
		} finally {
			this.busy = false;
		}
	}

	/** Ends one for good; it comes back into the list when that was refused. */
	async revoke(token: ApiToken): Promise<void> {
		const before = this.items;
		this.items = before?.filter((other) => other.id !== token.id);
		try {
			await take(this.api.DELETE('/api/staff/tokens/{id}', { params: { path: { id: token.id } } }));
			if (this.made?.id === token.id) this.made = undefined;
			this.toasts.show({ text: t('tokens.revoked', { name: token.name }) });
		} catch (thrown) {
			this.items = before;
			this.toasts.error(asApiError(thrown).message);
		}
	}
}
