import { describe, expect, it } from 'vitest';
import { fakeApi } from '$staff/testing';
import { lifetimes, loadPolicy, PortalDashboard } from './portal.svelte';

const people = [{ contact_id: 'ct_1', name: 'Ana', state: 'joined' }, { contact_id: 'ct_2', name: 'Jonas', state: 'invited' }];

describe('the dashboard', () => {
	it('loads numbers and people, and asks for lists and names', async () => {
		const { api, calls } = fakeApi({ 'GET /portal': { invited: 2 }, 'GET /portal/people': { items: people, next_cursor: null } });
		const dashboard = new PortalDashboard(api);
		await dashboard.load();
		dashboard.selection.toggle('ct_1', 0);
		await dashboard.show('not_joined');
		await dashboard.find(' jo ');
		const { query } = calls('GET', '/portal/people').at(-1)!;
		expect([dashboard.portal?.invited, dashboard.people.total, dashboard.selection.size, query.get('list'), query.get('search')]).toEqual([2, 2, 0, 'not_joined', 'jo']);
	});
	it('marks at once and back', async () => {
		const dashboard = new PortalDashboard(fakeApi({ 'GET /portal/people': { items: people } }).api);
		await dashboard.load();
		const back = dashboard.mark(['ct_1'], 'suspended');
		expect(dashboard.people.row(0)?.state).toBe('suspended');
		back();
		expect(dashboard.people.row(0)?.state).toBe('joined');
		expect(dashboard.error?.offline).toBe(true);
		await dashboard.refresh();
		expect(dashboard.people.total).toBe(2);
	});
});

describe('lifetimes', () => {
	it.each([
		[[900, 604_800], 86_400, [900, 3_600, 14_400, 86_400, 259_200, 604_800]],
		[[86_400, 1_209_600], 100_000, [86_400, 100_000, 259_200, 604_800, 1_209_600]],
		[[], 900, [900, 3_600, 14_400, 86_400, 259_200, 604_800, 1_209_600]],
	])('within %o', (limits, present, wanted) => expect(lifetimes(limits, present)).toEqual(wanted));
	it('are read from the policy', async () => {
		expect(await loadPolicy(fakeApi({ 'GET /portal/policy': { code_sign_in: true } }).api)).toMatchObject({ code_sign_in: true });
	});
});
