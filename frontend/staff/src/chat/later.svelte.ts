import { take } from '$kit/api/client';
import { asApiError } from '$kit/api/errors';
import type { ScheduledMessage } from '$kit/api/types/staff';
import { formatFull } from '$kit/i18n/format';
import type { Toasts } from '$kit/ui/toast/toasts.svelte';
import type { Api } from '$staff/api';
import { t } from '$staff/i18n';

/** The messages of a conversation that wait for their time. */
export class Later {
	items = $state.raw<ScheduledMessage[]>([]);
	#path: { path: { id: string } };

	constructor(
		id: string,
		private api: Api,
		private toasts: Toasts,
	) {
		this.#path = { path: { id } };
	}

	async load(): Promise<void> {
		try {
			this.items = (await take(this.api.GET('/api/staff/chat/conversations/{id}/scheduled', { params: this.#path }))).items;
		} catch {
			// The conversation itself says what is wrong.
		}
	}

	/** False when it was refused, and then nothing waits. */
	async schedule(text: string, at: string): Promise<boolean> {
		try {
			const body = { client_msg_id: crypto.randomUUID(), text, at };
			const item = await take(this.api.POST('/api/staff/chat/conversations/{id}/scheduled', { params: this.#path, body }));
			this.items = [...this.items, item].sort((a, b) => a.at.localeCompare(b.at));
			this.toasts.show({ text: t('chat.later_kept', { at: formatFull(at) }), undo: () => this.cancel(item) });
			return true;
		} catch (thrown) {
			const error = asApiError(thrown);
			this.toasts.error(error.fields[0]?.message ?? error.message);
			return false;
		}
	}

	/** Takes one back, unless that is done already. */
	async cancel(item: ScheduledMessage): Promise<void> {
		const before = this.items;
		if (!before.some(({ id }) => id === item.id)) return;
		this.items = before.filter(({ id }) => id !== item.id);
		try {
			await take(this.api.DELETE('/api/staff/chat/conversations/{id}/scheduled/{scheduled_id}', { params: { path: { ...this.#path.path, scheduled_id: item.id } } }));
		} catch (thrown) {
			this.items = before;
			this.toasts.error(asApiError(thrown).message);
		}
	}
}
