import { describe, expect, it, vi } from 'vitest';
import { i18n } from '$kit/i18n/catalogue.svelte';
import { fakeApi, Refusal } from '$staff/testing';
import { Session } from './session.svelte';

const me = { name: 'Kim', via: 'window', version: '1', language: 'de', time_zone: 'Europe/Berlin', theme: 'dark' };

describe('the session', () => {
	it('shows language, time zone and theme', async () => {
		const theme = vi.fn();
		const session = new Session(fakeApi({ 'GET /me': me }).api, theme, vi.fn());
		await session.load();
		expect([session.me?.name, i18n.locale, i18n.timeZone]).toEqual(['Kim', 'de', 'Europe/Berlin']);
		expect(theme).toHaveBeenCalledWith('dark');
	});
	it('ignores a time zone nobody knows', async () => {
		const session = new Session(fakeApi({ 'GET /me': { ...me, time_zone: 'Moon/Sea' } }).api, vi.fn(), vi.fn());
		await session.load();
		expect(i18n.timeZone).toBeUndefined();
	});
	it('takes a change back when it was not saved', async () => {
		const theme = vi.fn();
		const { api } = fakeApi({ 'GET /me': me, 'PATCH /me': new Refusal(500) });
		const session = new Session(api, theme, vi.fn());
		await session.load();
		await expect(session.change({ theme: 'light' })).rejects.toMatchObject({ status: 500 });
		expect(theme.mock.calls.map(([value]) => value)).toEqual(['dark', 'light', 'dark']);
		expect(session.me?.theme).toBe('dark');
	});
	it('keeps what the server made of it', async () => {
		const { api } = fakeApi({ 'GET /me': me, 'PATCH /me': { ...me, name: 'Kim L.' } });
		const session = new Session(api, vi.fn(), vi.fn());
		await session.change({ name: 'x' });
		expect(session.me).toBeUndefined();
		await session.load();
		await session.change({ name: ' Kim L. ' });
		expect(session.me?.name).toBe('Kim L.');
	});
	it('ends in a browser only, and goes on when that was refused', async () => {
		const ended = vi.fn();
		const { api, calls } = fakeApi({ 'GET /me': { ...me, via: 'browser' }, 'POST /sign-out': null });
		const session = new Session(api, vi.fn(), ended);
		expect(session.canSignOut).toBe(false);
		await session.load();
		expect(session.canSignOut).toBe(true);
		await session.signOut();
		expect([calls('POST', '/sign-out').length, ended.mock.calls.length]).toEqual([1, 1]);
		const refused = new Session(fakeApi({ 'GET /me': me }).api, vi.fn(), ended);
		await refused.load();
		expect(refused.canSignOut).toBe(false);
		await expect(refused.signOut()).rejects.toMatchObject({ offline: true });
		expect(ended).toHaveBeenCalledOnce();
	});
	it('says when it cannot start', async () => {
		const session = new Session(fakeApi({}).api, vi.fn(), vi.fn());
		await session.load();
		expect(session.error?.offline).toBe(true);
	});
});
