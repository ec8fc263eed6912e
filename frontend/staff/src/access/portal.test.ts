import { describe, expect, it, vi } from 'vitest';
import { Toasts } from '$kit/ui/toast/toasts.svelte';
import { fakeApi } from '$staff/testing';
import { lifetimes, loadPolicy, PortalDashboard } from './portal.svelte';

const people = [{ contact_id: 'ct_1', name: 'Ana', state: 'joined' }, { contact_id: 'ct_2', name: 'Jonas', state: 'invited' }];

describe('the dashboard', () => {
	it('loads numbers and people, and asks for lists and names', async () => {
		const { api, calls } = fakeApi({ 'GET /portal': { invited: 2 }, 'GET /portal/people': { items: people, next_cursor: null } });
		const dashboard = new PortalDashboard(api, new Toasts());
		await dashboard.load();
		dashboard.selection.toggle('ct_1', 0);
		await dashboard.show('not_joined');
		await dashboard.find(' jo ');
		const { query } = calls('GET', '/portal/people').at(-1)!;
		expect([dashboard.portal?.invited, dashboard.people.total, dashboard.selection.size, query.get('list'), query.get('search')]).toEqual([2, 2, 0, 'not_joined', 'jo']);
	});
	it('marks at once and back', async () => {
		const dashboard = new PortalDashboard(fakeApi({ 'GET /portal/people': { items: people } }).api, new Toasts());
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

describe('choosing everyone', () => {
	/** 450 people in pages as long as asked for; `gate` is awaited before the second page. */
	const crowd = (gate?: Promise<void>) =>
		fakeApi({
			'GET /portal/people': async ({ query }: { query: URLSearchParams }) => {
				const [from, limit] = [Number(query.get('cursor') ?? 0), Number(query.get('limit'))];
				if (from > 0) await gate;
				const items = Array.from({ length: Math.min(limit, 450 - from) }, (_, i) => ({ contact_id: `ct_${from + i}` }));
				return { items, next_cursor: from + limit < 450 ? String(from + limit) : null };
			},
		});
	it('goes through every page', async () => {
		const { api, calls } = crowd();
		const dashboard = new PortalDashboard(api, new Toasts());
		await dashboard.show('not_joined');
		await Promise.all([dashboard.selectAll(), dashboard.selectAll()]);
		const asked = calls('GET', '/portal/people').filter(({ query }) => query.get('limit') === '200');
		expect([dashboard.selection.size, dashboard.choosing, asked.length, asked.at(-1)!.query.get('list')]).toEqual([450, false, 3, 'not_joined']);
	});
	it('is stopped, and starts anew for another list', async () => {
		let go = () => {};
		const dashboard = new PortalDashboard(crowd(new Promise((open) => (go = open))).api, new Toasts());
		const choosing = dashboard.selectAll();
		await vi.waitFor(() => expect([dashboard.selection.size, dashboard.choosing]).toEqual([200, true]));
		dashboard.stopChoosing();
		go();
		await choosing;
		expect([dashboard.selection.size, dashboard.choosing]).toEqual([200, false]);
		await dashboard.show('joined');
		expect(dashboard.selection.size).toBe(0);
	});
	it('says when it does not work', async () => {
		const toasts = new Toasts();
		const dashboard = new PortalDashboard(fakeApi({}).api, toasts);
		await dashboard.selectAll();
		expect([toasts.items.length, dashboard.choosing]).toEqual([1, false]);
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
