import { take } from '$kit/api/client';
import { asApiError, type ApiError } from '$kit/api/errors';
import type { Access as Doors, Link } from '$kit/api/types/staff';
import type { Toasts } from '$kit/ui/toast/toasts.svelte';
import type { Api } from '$staff/api';
import { t } from '$staff/i18n';

/** Devices and links of one person. */
export class PersonAccess {
	value = $state.raw<Doors | undefined>(undefined);
	error = $state.raw<ApiError | undefined>(undefined);

	constructor(
		readonly id: string,
		private api: Api,
		private toasts: Toasts,
	) {}

	async load(): Promise<void> {
		try {
			this.value = await take(this.api.GET('/api/staff/portal/contacts/{id}', { params: { path: { id: this.id } } }));
			this.error = undefined;
		} catch (thrown) {
			this.error = asApiError(thrown);
		}
	}

	/** Makes a link worthless at once. */
	async revoke(link: Link): Promise<void> {
		const before = this.value;
		this.#put({ ...link, state: 'revoked' });
		try {
			this.#put(await take(this.api.POST('/api/staff/portal/links/{id}/revoke', { params: { path: { id: link.id } } })));
			this.toasts.show({ text: t('access.link_revoked') });
		} catch (thrown) {
			this.value = before;
			this.toasts.error(asApiError(thrown).message);
		}
	}

	#put(link: Link): void {
		if (!this.value) return;
		this.value = { ...this.value, links: this.value.links.map((other) => (other.id === link.id ? link : other)) };
	}
}
