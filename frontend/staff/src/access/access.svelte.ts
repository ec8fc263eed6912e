import { take } from '$kit/api/client';
import { asApiError } from '$kit/api/errors';
import type { SendResult } from '$kit/api/types/staff';
import type { Toasts } from '$kit/ui/toast/toasts.svelte';
import type { Outcome, Work } from '$kit/work/work.svelte';
import type { Api } from '$staff/api';
import { t } from '$staff/i18n';

/** Who an action is for, as far as dialogs and sentences need it. */
export interface Somebody {
	id: string;
	name: string;
}

type Sent = 'access.login_sent' | 'access.invitations_sent' | 'access.revoked';
/** As many as the server writes down in one go. */
const chunk = 100;

/** What staff do about sign-in, from whatever page; also which dialog is open. */
export class Access {
	inviting = $state.raw<Somebody[] | undefined>(undefined);
	linking = $state.raw<Somebody | undefined>(undefined);
	signingOut = $state.raw<Somebody | undefined>(undefined);

	constructor(
		private api: Api,
		private toasts: Toasts,
		private work: Work,
	) {}

	invite(people: Somebody[] = []): void {
		this.inviting = people;
	}

	makeLink(person: Somebody): void {
		this.linking = person;
	}

	askSignOut(person: Somebody): void {
		this.signingOut = person;
	}

	/** Invitations to contacts and to raw addresses, told one by one. */
	sendInvitations(ids: string[], emails: string[], target: string, note: string): void {
		const count = ids.length + emails.length;
		const contacts = new Set(ids);
		this.#send(t('access.inviting', { count }), [...ids, ...emails], 'access.invitations_sent', async (part) => {
			const contact_ids = part.filter((one) => contacts.has(one));
			const addresses = part.filter((one) => !contacts.has(one));
			return take(this.api.POST('/api/staff/portal/invitations', { body: { contact_ids, emails: addresses, target, note: note.trim() || undefined } }));
		});
	}

	sendLogin(ids: string[]): void {
		this.#send(t('access.sending_login', { count: ids.length }), ids, 'access.login_sent', (contact_ids) => take(this.api.POST('/api/staff/portal/login-emails', { body: { contact_ids } })));
	}

	revokeInvitations(ids: string[]): void {
		this.#send(t('access.revoking', { count: ids.length }), ids, 'access.revoked', (contact_ids) => take(this.api.POST('/api/staff/portal/invitations/revoke', { body: { contact_ids } })));
	}

	/** Closes the door at once; taking it back opens it again. */
	async suspend(person: Somebody): Promise<boolean> {
		return this.#turn('suspend', person, 'access.suspended', () => void this.restore(person));
	}

	async restore(person: Somebody): Promise<boolean> {
		return this.#turn('restore', person, 'access.restored');
	}

	async signOut(person: Somebody): Promise<boolean> {
		this.signingOut = undefined;
		return this.#turn('sign-out', person, 'access.signed_out');
	}

	async #turn(verb: 'suspend' | 'restore' | 'sign-out', person: Somebody, said: 'access.suspended' | 'access.restored' | 'access.signed_out', undo?: () => void): Promise<boolean> {
		const paths = { suspend: '/api/staff/portal/contacts/{id}/suspend', restore: '/api/staff/portal/contacts/{id}/restore', 'sign-out': '/api/staff/portal/contacts/{id}/sign-out' } as const;
		try {
			await take(this.api.POST(paths[verb], { params: { path: { id: person.id } } }));
			this.toasts.show({ text: t(said, { name: person.name }), undo });
			return true;
		} catch (thrown) {
			this.toasts.error(asApiError(thrown).message);
			return false;
		}
	}

	#send(label: string, ids: string[], said: Sent, post: (part: string[]) => Promise<{ results: SendResult[] }>): void {
		this.work.start({
			label,
			ids,
			chunk,
			send: async (part) => (await post(part)).results.map(outcome),
			finished: (task) => {
				const sent = task.outcomes.length - task.failed.length - task.skipped.length;
				if (sent > 0) this.toasts.show({ text: t(said, { count: sent }) });
				if (task.state !== 'done' || task.failed.length > 0) return;
				this.work.dismiss(task);
				if (task.skipped.length > 0) this.toasts.show({ text: t('access.some_skipped', { count: task.skipped.length, reason: task.skipped[0]!.reason }) });
			},
		});
	}
}

function outcome(result: SendResult): Outcome {
	const status = result.status === 'queued' ? 'done' : result.status;
	return { id: result.contact_id || result.email, label: result.email || result.contact_id, status, reason: result.reason };
}
