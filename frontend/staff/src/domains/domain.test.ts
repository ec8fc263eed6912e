import { describe, expect, it } from 'vitest';
import type { Domain } from '$kit/api/types/staff';
import { Toasts } from '$kit/ui/toast/toasts.svelte';
import { fakeApi, Refusal } from '$staff/testing';
import { DomainSetup } from './domain.svelte';

const options = { email: '', method: 'http', server: '', zone: '', key_name: '', algorithm: 'hmac-sha256', has_secret: false, dynamic: 'off', has_update_url: false, mapping: false, hsts: false, hsts_offered: false, outside: true };
const none = { state: 'default', what: '', do: '', url: 'http://here', default_url: 'http://here', name: null, records: [], provider: { id: 'general', name: 'Any', detected: false, full: false }, check: null, update: null, options } as unknown as Domain;
const chosen = { ...none, state: 'waiting', name: { name: 'portal.shop.com', display: 'portal.shop.com', record: 'address', alias: '', active: false }, records: [{ type: 'A', host: 'portal' }], provider: { id: 'godaddy' } } as unknown as Domain;
const guide = (id: string) => ({ id, name: id, steps: ['Sign in.'], fields: [], notes: [] });

function make(answers: Record<string, unknown> = {}) {
	const kept = new Map<string, string>();
	const drafts = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value), removeItem: (key: string) => void kept.delete(key) };
	const toasts = new Toasts();
	const server = fakeApi({ 'GET /domain': none, 'GET /domain/guides': { items: [{ id: 'godaddy', name: 'GoDaddy' }] }, 'GET /domain/guides/godaddy': guide('godaddy'), 'GET /domain/guides/wix': guide('wix'), ...answers });
	return { ...server, toasts, setup: new DomainSetup(server.api, toasts, drafts) };
}
const settled = () => new Promise((done) => setTimeout(done));

describe('the address of the portal', () => {
	it('is chosen, and the guide of its provider opens', async () => {
		const { setup, calls } = make({ 'PUT /domain': chosen });
		await setup.load();
		expect([setup.value?.state, calls('GET', '/domain/guides/general')]).toEqual(['default', []]);
		Object.assign(setup.form!.values, { name: ' Portal.Shop.com', record: 'address', alias: 'left over' });
		await setup.choose();
		await settled();
		expect(calls('PUT', '/domain')[0]!.body).toEqual({ name: ' Portal.Shop.com', record: 'address' });
		expect([setup.form!.values.name, setup.form!.dirty, setup.guide?.id, setup.guides.length]).toEqual(['portal.shop.com', false, 'godaddy', 1]);
	});
	it('writes a report, or says why not', async () => {
		const { setup } = make({ 'GET /domain/report': { text: 'Portico 1' } });
		expect(await setup.report()).toBe('Portico 1');
		const refused = make({ 'GET /domain/report': new Refusal(409, { detail: 'No name is set up yet.' }) });
		expect([await refused.setup.report(), refused.toasts.items[0]?.text]).toEqual([undefined, 'No name is set up yet.']);
	});
	it('keeps what was typed when it is refused, and says why beside it', async () => {
		const { setup, calls } = make({ 'PUT /domain': new Refusal(422, { errors: [{ field: 'name', message: 'There is no dot in it.' }] }) });
		await setup.load();
		await setup.choose();
		expect([setup.form!.error('name'), calls('PUT', '/domain')]).toEqual(['domain.name_missing', []]);
		setup.form!.values.name = 'shop';
		await setup.choose();
		expect([setup.form!.values.name, setup.form!.error('name'), setup.value?.name]).toEqual(['shop', 'There is no dot in it.', null]);
	});
	it('keeps the guide that somebody chose', async () => {
		const { setup } = make({ 'GET /domain': chosen });
		await setup.load();
		await settled();
		await setup.showGuide('wix');
		await setup.load();
		await settled();
		expect(setup.guide?.id).toBe('wix');
	});
	it('does one thing at a time, and says when it did not work', async () => {
		const { setup, calls, toasts } = make({ 'POST /domain/update': new Refusal(409, { detail: 'The record is not there yet.' }), 'GET /domain': chosen });
		await setup.load();
		const first = setup.update();
		expect([setup.doing, await setup.update(), await first, setup.doing]).toEqual(['update', false, false, undefined]);
		expect([calls('POST', '/domain/update').length, toasts.items[0]?.text]).toEqual([1, 'The record is not there yet.']);
	});
	it('turns a switch at once, and back when that was refused', async () => {
		const { setup, toasts } = make({ 'PATCH /domain/options': new Refusal(503, { detail: 'No router answers.' }) });
		await setup.load();
		const going = setup.flip({ mapping: true });
		expect(setup.value?.options.mapping).toBe(true);
		await going;
		expect([setup.value?.options.mapping, toasts.items[0]?.text]).toEqual([false, 'No router answers.']);
	});
	it('writes the mail to whoever runs the domain', async () => {
		const { setup, toasts } = make({ 'GET /domain/instructions': { subject: 'portal.shop.com', text: 'Please add …' } });
		expect(await setup.instructions()).toEqual({ subject: 'portal.shop.com', text: 'Please add …' });
		const { setup: unset } = make({ 'GET /domain/instructions': new Refusal(409, { detail: 'Choose a name first.' }) });
		expect([await unset.instructions(), toasts.items.length]).toEqual([undefined, 0]);
	});
});
