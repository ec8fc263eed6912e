import { describe, expect, it, vi } from 'vitest';
import { Toasts } from '$kit/ui/toast/toasts.svelte';
import { Work } from '$kit/work/work.svelte';
import { fakeApi, Refusal } from '$staff/testing';
import { Access } from './access.svelte';

const ana = { id: 'ct_1', name: 'Ana' };
const result = (contact_id: string, status: string, reason = '') => ({ contact_id, email: `${contact_id || 'new'}@example.com`, status, reason });

function make(answers: Record<string, unknown>) {
	const server = fakeApi(answers);
	const [toasts, work] = [new Toasts(), new Work()];
	return { ...server, toasts, work, access: new Access(server.api, toasts, work) };
}

describe('sending', () => {
	it('invites contacts and raw addresses, in parts', async () => {
		const { access, calls, work } = make({ 'POST /portal/invitations': ({ body }: { body: { contact_ids: string[]; emails: string[] } }) => ({ results: [...body.contact_ids.map((id) => result(id, 'queued')), ...body.emails.map(() => result('', 'queued'))] }) });
		access.sendInvitations(Array.from({ length: 110 }, (_, i) => `ct_${i}`), ['mia@example.com'], '/', ' Hello ');
		await vi.waitFor(() => expect(calls('POST', '/portal/invitations')).toHaveLength(2));
		const [first, second] = calls('POST', '/portal/invitations').map(({ body }) => body as { contact_ids: string[]; emails: string[]; note: string });
		expect([first!.contact_ids.length, first!.emails.length, second!.contact_ids.length, second!.emails, first!.note]).toEqual([100, 0, 10, ['mia@example.com'], 'Hello']);
		await vi.waitFor(() => expect(work.tasks).toEqual([]));
	});
	it('says who was left out', async () => {
		const { access, toasts } = make({ 'POST /portal/login-emails': { results: [result('ct_1', 'queued'), result('ct_2', 'skipped', 'No address.')] } });
		access.sendLogin(['ct_1', 'ct_2']);
		await vi.waitFor(() => expect(toasts.items).toHaveLength(2));
	});
	it('keeps the task with the names of those it failed for', async () => {
		const { access, work } = make({ 'POST /portal/invitations/revoke': { results: [result('ct_1', 'failed', 'Already joined.')] } });
		access.revokeInvitations(['ct_1']);
		await vi.waitFor(() => expect(work.tasks[0]?.state).toBe('done'));
		expect(work.tasks[0]?.failed[0]).toMatchObject({ label: 'ct_1@example.com', reason: 'Already joined.' });
	});
	it('says that nothing was sent', async () => {
		const { access, work, toasts } = make({});
		access.sendLogin(['ct_1']);
		await vi.waitFor(() => expect(work.tasks[0]?.state).toBe('failed'));
		expect(toasts.items).toEqual([]);
	});
});

describe('doors', () => {
	it('close with undo', async () => {
		const { access, toasts, calls } = make({ 'POST /portal/contacts/ct_1/suspend': { state: 'suspended' }, 'POST /portal/contacts/ct_1/restore': { state: 'joined' } });
		expect(await access.suspend(ana)).toBe(true);
		await toasts.undoLast();
		await vi.waitFor(() => expect(calls('POST', '/portal/contacts/ct_1/restore')).toHaveLength(1));
	});
	it('say when they do not', async () => {
		const { access, toasts } = make({ 'POST /portal/contacts/ct_1/sign-out': new Refusal(409, { detail: 'Not signed in.' }) });
		access.askSignOut(ana);
		expect(await access.signOut(ana)).toBe(false);
		expect([toasts.items[0]?.text, access.signingOut]).toEqual(['Not signed in.', undefined]);
	});
	it('open dialogs', () => {
		const { access } = make({});
		access.invite();
		access.makeLink(ana);
		expect([access.inviting, access.linking]).toEqual([[], ana]);
	});
});
