import { describe, expect, it } from 'vitest';
import { fakeApi, Refusal } from '$staff/testing';
import { Shell } from './shell.svelte';

const memory = () => {
	const kept = new Map<string, string>();
	return { getItem: (k: string) => kept.get(k) ?? null, setItem: (k: string, v: string) => void kept.set(k, v) };
};
const counts = { queued: 1, sending: 1, retry: 2, unknown: 1, failed: 3, accepted: 9, cancelled: 0 };

describe('the shell', () => {
	it('remembers the sidebar', () => {
		const store = memory();
		const shell = new Shell(fakeApi({}).api, store);
		expect(shell.collapsed).toBe(false);
		shell.toggleSidebar();
		expect(new Shell(fakeApi({}).api, store).collapsed).toBe(true);
		shell.toggleSidebar();
		expect(new Shell(fakeApi({}).api, store).collapsed).toBe(false);
	});
	it('loads its parts, each by itself', async () => {
		const { api } = fakeApi({ 'GET /mail/counts': counts, 'GET /overview/notifications': { items: [{ id: 'ev_1' }], unseen: 2 } });
		const shell = new Shell(api, memory());
		await shell.load();
		expect([shell.waiting, shell.problems, shell.unseen, shell.health]).toEqual([4, 4, 2, undefined]);
	});
	it('marks as seen, and takes it back when that failed', async () => {
		const notifications = { items: [], unseen: 2 };
		const bad = new Shell(fakeApi({ 'GET /overview/notifications': notifications, 'POST /overview/notifications/seen': new Refusal(500) }).api, memory());
		await bad.load();
		await bad.seen();
		expect(bad.unseen).toBe(2);
		const { api, calls } = fakeApi({ 'GET /overview/notifications': notifications, 'POST /overview/notifications/seen': null });
		const good = new Shell(api, memory());
		await good.load();
		await good.seen();
		await good.seen();
		expect([good.unseen, calls('POST', '/overview/notifications/seen').length]).toEqual([0, 1]);
	});
});
