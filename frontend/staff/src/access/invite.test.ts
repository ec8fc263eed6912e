import { describe, expect, it, vi } from 'vitest';
import { Toasts } from '$kit/ui/toast/toasts.svelte';
import type { Link } from '$kit/api/types/staff';
import { fakeApi, Refusal } from '$staff/testing';
import { bareAddress, Invite } from './invite.svelte';
import { PersonAccess } from './person.svelte';

describe('an invitation', () => {
	it('tells contacts from addresses, and bad addresses from good', () => {
		const invite = new Invite(fakeApi({}).api, [{ id: 'ct_1', name: 'Ana' }]);
		invite.chosen = ['ct_1', 'Mia <mia@example.com>', 'nobody'];
		expect([invite.ids, invite.emails, invite.bad, invite.count, invite.labelOf('ct_1')]).toEqual([['ct_1'], ['mia@example.com', 'nobody'], ['nobody'], 3, 'Ana']);
		expect(bareAddress(' a@b.de ')).toBe('a@b.de');
	});
	it('finds contacts; the answer to an older query is dropped', async () => {
		const answers: ((items: unknown) => void)[] = [];
		const { api } = fakeApi({ 'GET /contacts': () => new Promise((done) => answers.push((items) => done({ items }))) });
		const invite = new Invite(api, []);
		const [old, fresh] = [invite.find('a'), invite.find('an')];
		await vi.waitFor(() => expect(answers).toHaveLength(2));
		answers[1]!([{ id: 'ct_2', name: 'Ana', emails: [] }]);
		answers[0]!([{ id: 'ct_9', name: 'Old', emails: [] }]);
		await Promise.all([old, fresh]);
		expect(invite.options).toEqual([{ value: 'ct_2', label: 'Ana', detail: '' }]);
		await invite.find(' ');
		expect(invite.options).toEqual([]);
	});
	it('shows the mail of the first person with the note', async () => {
		const { api, calls } = fakeApi({ 'POST /portal/invitations/preview': { subject: 'S', html: '', text: '', from: '' }, 'GET /portal/targets': { items: [{ path: '/profile', label: 'Profile' }] } });
		const invite = new Invite(api, [{ id: 'ct_1', name: 'Ana' }]);
		invite.note = 'Hi';
		await Promise.all([invite.show(), invite.load()]);
		expect([invite.preview?.subject, invite.targets[0]?.value]).toEqual(['S', '/profile']);
		expect(calls('POST', '/portal/invitations/preview')[0]!.body).toEqual({ contact_id: 'ct_1', note: 'Hi' });
		invite.chosen = [];
		await invite.show();
		expect(calls('POST', '/portal/invitations/preview')).toHaveLength(1);
	});
	it('works without preview, targets and search', async () => {
		const invite = new Invite(fakeApi({}).api, [{ id: 'ct_1', name: 'Ana' }]);
		await Promise.all([invite.show(), invite.load(), invite.find('x')]);
		expect([invite.previewError?.offline, invite.targets.length, invite.options]).toEqual([true, 1, []]);
	});
});

describe('links of a person', () => {
	const link = { id: 'ln_1', state: 'open' } as Link;
	const access = { state: 'joined', may_sign_in: true, reason: '', sessions: [], links: [link] };
	it('are revoked at once', async () => {
		const person = new PersonAccess('ct_1', fakeApi({ 'GET /portal/contacts/ct_1': access, 'POST /portal/links/ln_1/revoke': { ...link, state: 'revoked', opens: 2 } }).api, new Toasts());
		await person.revoke(link);
		await person.load();
		const going = person.revoke(link);
		expect(person.value?.links[0]?.state).toBe('revoked');
		await going;
		expect(person.value?.links[0]?.opens).toBe(2);
	});
	it('stay open when that failed', async () => {
		const toasts = new Toasts();
		const person = new PersonAccess('ct_1', fakeApi({ 'GET /portal/contacts/ct_1': access, 'POST /portal/links/ln_1/revoke': new Refusal(500) }).api, toasts);
		await person.load();
		await person.revoke(link);
		expect([person.value?.links[0]?.state, toasts.items.length]).toEqual(['open', 1]);
		const offline = new PersonAccess('ct_1', fakeApi({}).api, toasts);
		await offline.load();
		expect(offline.error?.offline).toBe(true);
	});
});
