import { take } from '$kit/api/client';
import { asApiError, type ApiError } from '$kit/api/errors';
import type { CannedReply } from '$kit/api/types/staff';
import { suggest } from '$kit/ui/field/suggest';
import type { Toasts } from '$kit/ui/toast/toasts.svelte';
import type { Api } from '$staff/api';
import { t } from '$staff/i18n';

const shown = 8;

/** Replies that are written once and used often. */
export class Replies {
	items = $state.raw<CannedReply[]>([]);
	ready = $state(false);
	error = $state.raw<ApiError | undefined>(undefined);

	constructor(
		private api: Api,
		private toasts: Toasts,
	) {}

	async load(): Promise<void> {
		try {
			this.items = (await take(this.api.GET('/api/staff/chat/replies'))).items;
			this.ready = true;
			this.error = undefined;
		} catch (thrown) {
			this.error = asApiError(thrown);
		}
	}

	/** Those that a text beginning with "/" means; undefined when it means none. */
	meant(text: string): CannedReply[] | undefined {
		const query = /^\/([^\n]{0,60})$/.exec(text)?.[1];
		if (query === undefined) return undefined;
		const found = suggest(this.items.map(({ id, title, text: detail }) => ({ value: id, label: title, detail })), query, shown);
		return found.map(({ value }) => this.items.find(({ id }) => id === value)!);
	}

	/** The text for a conversation, filled in; undefined when that was refused. */
	async fill(reply: CannedReply, conversation_id: string): Promise<string | undefined> {
		try {
			return (await take(this.api.POST('/api/staff/chat/replies/{id}/render', { params: { path: { id: reply.id } }, body: { conversation_id } }))).text;
		} catch (thrown) {
			this.toasts.error(asApiError(thrown).message);
			return undefined;
		}
	}

	/** Keeps a reply, new or changed; throws what was refused. */
	async keep(input: { id?: string; title: string; text: string }): Promise<void> {
		const body = { title: input.title.trim(), text: input.text };
		const kept = input.id ? await take(this.api.PATCH('/api/staff/chat/replies/{id}', { params: { path: { id: input.id } }, body })) : await take(this.api.POST('/api/staff/chat/replies', { body }));
		this.items = [...this.items.filter(({ id }) => id !== kept.id), kept].sort((a, b) => a.title.localeCompare(b.title));
	}

	async remove(reply: CannedReply): Promise<void> {
		const before = this.items;
		this.items = before.filter(({ id }) => id !== reply.id);
		try {
			await take(this.api.DELETE('/api/staff/chat/replies/{id}', { params: { path: { id: reply.id } } }));
			this.toasts.show({ text: t('chat.reply_removed', { name: reply.title }), undo: () => this.keep({ title: reply.title, text: reply.text }) });
		} catch (thrown) {
			this.items = before;
			this.toasts.error(asApiError(thrown).message);
		}
	}
}
