import { describe, expect, it } from 'vitest';
import { Toasts } from '$kit/ui/toast/toasts.svelte';
import { fakeApi, Refusal } from '$staff/testing';
import { AuditLog, Home } from './overview.svelte';
import { iconOf } from './words';

const steps = (...done: string[]) => ['business', 'look', 'contact', 'mail', 'address', 'invite'].map((key) => ({ key, done: done.includes(key), skipped: false }));
const overview = (setup = steps('business')) => ({ invited: 1, contacts: 0, setup: { steps: setup, finished: false }, needs_you: [], recent: [] });

function make(answers: Record<string, unknown>) {
	const toasts = new Toasts();
	const server = fakeApi({ 'GET /overview': overview(), ...answers });
	return { ...server, toasts, home: new Home(server.api, toasts) };
}

describe('the first steps', () => {
	it('open where one left off', async () => {
		const { home } = make({});
		expect(home.step).toBe('business');
		await home.load();
		expect([home.step, home.untouched]).toEqual(['look', true]);
		home.openStep('mail');
		expect([home.step, home.complete]).toEqual(['mail', false]);
	});
	it('go on to the next that is left, around the end', async () => {
		let now = overview(steps('business'));
		const { home } = make({ 'GET /overview': () => now });
		await home.load();
		home.openStep('invite');
		now = overview(steps('business', 'invite'));
		await home.next();
		expect(home.step).toBe('look');
		now = overview(steps('business', 'look', 'contact', 'mail', 'address', 'invite'));
		await home.next();
		expect(home.untouched).toBe(false);
		expect([home.step, home.complete]).toEqual(['invite', true]);
	});
	it('are skipped, and come back when that was not noted', async () => {
		const good = make({ 'POST /overview/setup': {} });
		await good.home.load();
		await good.home.skip('look');
		expect(good.calls('POST', '/overview/setup')[0]!.body).toEqual({ key: 'look', skipped: true });
		const bad = make({ 'POST /overview/setup': new Refusal(500) });
		await bad.home.load();
		await bad.home.skip('look');
		expect([bad.home.step, bad.toasts.items.length]).toEqual(['look', 1]);
	});
	it('are finished', async () => {
		const { home } = make({ 'POST /overview/setup': {} });
		await home.load();
		await home.finish();
		expect(home.value?.setup.finished).toBe(true);
		const offline = make({});
		await offline.home.load();
		await offline.home.finish();
		expect(offline.home.value?.setup.finished).toBe(false);
	});
	it('say when Home does not load', async () => {
		const { home } = make({ 'GET /overview': undefined });
		await home.load();
		expect([home.error?.offline, home.steps]).toEqual([true, []]);
	});
});

describe('the audit log', () => {
	it('filters, remembers actions and exports', async () => {
		const { api, calls } = fakeApi({ 'GET /audit': { items: [{ id: 'au_1', action: 'contact.created' }], next_cursor: null }, 'GET /audit/export': 'seq,at\n' });
		const log = new AuditLog(api);
		await log.ask({ search: ' ana ' });
		await log.ask({ action: 'contact.created' });
		const { query } = calls('GET', '/audit')[1]!;
		expect([query.get('search'), query.get('action'), log.actions.includes('contact.created'), log.actions.includes('access.invite')]).toEqual(['ana', 'contact.created', true, true]);
		expect(await log.csv()).toBe('seq,at\n');
	});
	it('has a sign for every kind of event', () => {
		expect(iconOf('contact.created')).not.toBe(iconOf('unheard.of'));
	});
});
