import { describe, expect, it } from 'vitest';
import { Toasts } from '$kit/ui/toast/toasts.svelte';
import { fakeApi, Refusal } from '$staff/testing';
import { Demo } from './demo.svelte';

/** A server that has made so many contacts of the demo. */
function make(answers: Record<string, unknown>, contacts = 0, others = 0) {
	const toasts = new Toasts();
	const server = fakeApi({
		'GET /demo': () => ({ there: contacts > 0, contacts }),
		'POST /demo': () => ({ contacts: (contacts = 60) }),
		'DELETE /demo': () => ((contacts = 0), null),
		'GET /overview': () => ({ contacts: contacts + others, setup: { finished: true, steps: [] } }),
		'POST /overview/setup': {},
		...answers,
	});
	return { ...server, toasts, demo: new Demo(server.api, toasts), cutOffAt: (made: number) => (contacts = made) };
}

describe('the demo business', () => {
	it('is made in one step, and the first steps make room', async () => {
		const { demo, calls } = make({});
		await demo.load();
		expect(demo.there).toBe(false);
		const adding = demo.add();
		expect([demo.busy, await demo.add()]).toEqual(['adding', false]);
		expect(await adding).toBe(true);
		expect([demo.busy, demo.there]).toEqual([undefined, true]);
		expect(calls('POST', '/overview/setup')[0]!.body).toEqual({ finished: true });
	});
	it('is taken away, and the first steps are back', async () => {
		const { demo, calls } = make({}, 60);
		await demo.load();
		expect([demo.there, await demo.remove(), demo.there]).toEqual([true, true, false]);
		expect(calls('POST', '/overview/setup').at(-1)!.body).toEqual({ finished: false });
	});
	it('leaves the first steps alone when somebody else is here', async () => {
		const { demo, calls } = make({}, 60, 1);
		expect([await demo.remove(), calls('POST', '/overview/setup').length]).toEqual([true, 0]);
	});
	it('can be taken away when it was cut off, or is there already', async () => {
		const cut = make({ 'POST /demo': () => (cut.cutOffAt(7), new Refusal(500)) });
		expect([await cut.demo.add(), cut.demo.there, cut.toasts.items.length]).toEqual([false, true, 1]);
		const there = make({ 'POST /demo': new Refusal(409, { code: 'demo.there' }) }, 60);
		expect([await there.demo.add(), there.demo.there]).toEqual([false, true]);
	});
	it('is not there when it was refused', async () => {
		const { demo } = make({ 'POST /demo': new Refusal(403) });
		expect([await demo.add(), demo.there]).toEqual([false, false]);
	});
	it('stays when it could not be taken away, and as it was when nobody answers', async () => {
		const { demo } = make({ 'DELETE /demo': undefined }, 60);
		await demo.load();
		expect([await demo.remove(), demo.there, demo.busy]).toEqual([false, true, undefined]);
		const silent = make({ 'GET /demo': undefined });
		await silent.demo.load();
		expect([silent.demo.there, silent.toasts.items.length]).toEqual([false, 0]);
	});
});
