import { take } from '$kit/api/client';
import { asApiError, type ApiError } from '$kit/api/errors';
import type { Mail, MailBody, MailState, Suppression } from '$kit/api/types/staff';
import { Feed } from '$kit/lists/feed.svelte';
import { Paged } from '$kit/lists/paged.svelte';
import type { Toasts } from '$kit/ui/toast/toasts.svelte';
import type { Api } from '$staff/api';
import { t } from '$staff/i18n';

export const mailStates: readonly MailState[] = ['queued', 'sending', 'retry', 'failed', 'unknown', 'accepted', 'cancelled'];

export const mailLook: Record<MailState, { color: 'green' | 'amber' | 'red' | 'blue' | 'gray'; hollow: boolean }> = {
	queued: { color: 'blue', hollow: true },
	sending: { color: 'blue', hollow: false },
	accepted: { color: 'green', hollow: false },
	retry: { color: 'amber', hollow: true },
	unknown: { color: 'amber', hollow: false },
	failed: { color: 'red', hollow: false },
	cancelled: { color: 'gray', hollow: true },
};

/** Whether a mail can be sent again, or stopped. */
export function canRetry(state: MailState): boolean {
	return ['failed', 'unknown', 'retry', 'cancelled'].includes(state);
}

export function canCancel(state: MailState): boolean {
	return state === 'queued' || state === 'retry';
}

/** The list of mails, and the one that is open. */
export class Outbox {
	state = $state<MailState | ''>('');
	search = $state('');
	open = $state.raw<MailBody | undefined>(undefined);
	openError = $state.raw<ApiError | undefined>(undefined);
	counts = $state.raw<Partial<Record<MailState, number>>>({});
	readonly mails: Paged<Mail>;
	#opening = '';

	constructor(
		private api: Api,
		private toasts: Toasts,
	) {
		this.mails = new Paged<Mail>({
			key: (mail) => mail.id,
			load: ({ limit, cursor, signal }) => take(api.GET('/api/staff/mail/messages', { params: { query: { state: this.state || undefined, search: this.search.trim() || undefined, limit, cursor } }, signal })),
		});
	}

	async load(): Promise<void> {
		await Promise.all([this.mails.restart(), this.#count()]);
	}

	async refresh(): Promise<void> {
		await Promise.all([this.mails.refresh(), this.#count(), this.#opening ? this.show(this.#opening) : undefined]);
	}

	async ask(change: { state?: MailState | ''; search?: string }): Promise<void> {
		this.state = change.state ?? this.state;
		this.search = change.search ?? this.search;
		await this.mails.restart();
	}

	async show(id: string | undefined): Promise<void> {
		this.#opening = id ?? '';
		if (this.open?.id !== id) this.open = undefined;
		this.openError = undefined;
		if (!id) return;
		try {
			const mail = await take(this.api.GET('/api/staff/mail/messages/{id}', { params: { path: { id } } }));
			if (this.#opening === id) this.open = mail;
		} catch (thrown) {
			if (this.#opening === id) this.openError = asApiError(thrown);
		}
	}

	async retry(mail: Mail): Promise<void> {
		await this.#turn(mail, 'queued', '/api/staff/mail/messages/{id}/retry', t('outbox.retried'));
	}

	async cancel(mail: Mail): Promise<void> {
		await this.#turn(mail, 'cancelled', '/api/staff/mail/messages/{id}/cancel', t('outbox.cancelled'), () => this.retry(mail));
	}

	async #turn(mail: Mail, state: MailState, path: '/api/staff/mail/messages/{id}/retry' | '/api/staff/mail/messages/{id}/cancel', said: string, undo?: () => Promise<void>): Promise<void> {
		const back = this.mails.patch(new Set([mail.id]), (row) => ({ ...row, state }));
		const before = this.open;
		if (before?.id === mail.id) this.open = { ...before, state };
		try {
			const changed = await take(this.api.POST(path, { params: { path: { id: mail.id } } }));
			this.mails.patch(new Set([mail.id]), () => changed);
			if (this.open?.id === mail.id) this.open = { ...this.open, ...changed };
			this.toasts.show({ text: said, undo });
			void this.#count();
		} catch (thrown) {
			back();
			this.open = before;
			this.toasts.error(asApiError(thrown).message);
		}
	}

	async #count(): Promise<void> {
		try {
			this.counts = await take(this.api.GET('/api/staff/mail/counts'));
		} catch {
			// The list says what is wrong.
		}
	}
}

type Row = Suppression & { id: string };

/** Addresses nothing is sent to. */
export class DoNotSend {
	search = $state('');
	readonly list: Feed<Row>;

	constructor(
		private api: Api,
		private toasts: Toasts,
	) {
		this.list = new Feed<Row>(async (cursor, signal) => {
			const page = await take(api.GET('/api/staff/mail/suppressions', { params: { query: { search: this.search.trim() || undefined, cursor } }, signal }));
			return { ...page, items: page.items.map((one) => ({ ...one, id: `${one.email} ${one.reason}` })) };
		});
	}

	async find(search: string): Promise<void> {
		this.search = search;
		await this.list.load();
	}

	async add(email: string, detail: string): Promise<void> {
		await take(this.api.POST('/api/staff/mail/suppressions', { body: { email, detail } }));
		await this.list.load();
		this.toasts.show({ text: t('suppressed.added', { email }) });
	}

	async remove(row: Row): Promise<void> {
		const back = this.list.take(row.id);
		try {
			await take(this.api.POST('/api/staff/mail/suppressions/remove', { body: { email: row.email, reason: row.reason } }));
			this.toasts.show({ text: t('suppressed.removed', { email: row.email }), undo: () => this.add(row.email, row.detail) });
		} catch (thrown) {
			back();
			this.toasts.error(asApiError(thrown).message);
		}
	}
}
