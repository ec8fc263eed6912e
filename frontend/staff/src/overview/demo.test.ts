import { beforeEach, describe, expect, it } from 'vitest';
import { Toasts } from '$kit/ui/toast/toasts.svelte';
import { fakeApi, Refusal } from '$staff/testing';
import { Demo } from './demo.svelte';

let kept: Map<string, string>;
beforeEach(() => (kept = new Map()));

function make(answers: Record<string, unknown>) {
	const toasts = new Toasts();
	const server = fakeApi({ 'POST /overview/setup': {}, ...answers });
	const store = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value), removeItem: (key: string) => void kept.delete(key) };
	return { ...server, toasts, demo: new Demo(server.api, toasts, store), again: () => new Demo(server.api, toasts, store) };
}

describe('the demo business', () => {
	it('is made in one step, and the first steps make room', async () => {
		const { demo, again, calls } = make({ 'POST /demo': { contacts: 60 } });
		expect(demo.there('')).toBe(false);
		const adding = demo.add();
		expect([demo.busy, await demo.add()]).toEqual(['adding', false]);
		expect(await adding).toBe(true);
		expect([demo.busy, demo.there(''), again().there('Weber')]).toEqual([undefined, true, true]);
		expect(calls('POST', '/overview/setup')[0]!.body).toEqual({ finished: true });
	});
	it('is taken away, and the first steps are back', async () => {
		const { demo, calls } = make({ 'POST /demo': { contacts: 60 }, 'DELETE /demo': null });
		await demo.add();
		expect(await demo.remove()).toBe(true);
		expect([demo.there(''), kept.size]).toEqual([false, 0]);
		expect(calls('POST', '/overview/setup').at(-1)!.body).toEqual({ finished: false });
	});
	it('is known by its name when it was made elsewhere; the first steps are then left alone', async () => {
		const { demo, calls } = make({ 'DELETE /demo': null });
		expect(demo.there('Harbour Physiotherapy')).toBe(true);
		expect([await demo.remove(), calls('POST', '/overview/setup').length]).toEqual([true, 0]);
	});
	it('can be taken away when it was cut off, or is there already', async () => {
		const cut = make({});
		expect([await cut.demo.add(), cut.demo.there(''), cut.toasts.items.length]).toEqual([false, true, 1]);
		kept.clear();
		const there = make({ 'POST /demo': new Refusal(409, { code: 'demo.there' }) });
		expect([await there.demo.add(), there.demo.there('')]).toEqual([false, true]);
	});
	it('is not there when it was refused', async () => {
		const { demo } = make({ 'POST /demo': new Refusal(403) });
		expect([await demo.add(), demo.there('')]).toEqual([false, false]);
	});
	it('stays when it could not be taken away', async () => {
		const { demo } = make({ 'POST /demo': {} });
		await demo.add();
		expect([await demo.remove(), demo.there(''), demo.busy]).toEqual([false, true, undefined]);
	});
});
