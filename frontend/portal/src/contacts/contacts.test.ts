import { describe, expect, it, vi } from 'vitest';
import { ApiError } from '$kit/api/errors';
import type { Drafts } from '$kit/forms/form.svelte';
import type { Me, MeChange } from '$portal/api/paths';
import { Profile } from './profile.svelte';
import { allZones, findZones, zone } from './zones';

const me: Me = { contact_id: 'ct_1', name: 'Ana', first_name: 'Ana', email: 'ana@example.com', language: '', time_zone: '', theme: 'system', photo_url: null };

function memory(): Drafts & { kept: Map<string, string> } {
	const kept = new Map<string, string>();
	return { kept, getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value), removeItem: (key) => void kept.delete(key) };
}

function make(changeMe: (change: MeChange) => Promise<Me> = async (change) => ({ ...me, ...change })) {
	const drafts = memory();
	const saved = vi.fn();
	const call = vi.fn(changeMe);
	return { drafts, saved, call, profile: new Profile(me, { changeMe: call }, saved, drafts) };
}

describe('profile', () => {
	it('sends only what differs', async () => {
		const { profile, call, saved } = make();
		profile.form.values.theme = 'dark';
		await profile.save();
		expect(call).toHaveBeenCalledWith({ theme: 'dark' });
		expect(saved).toHaveBeenCalledWith({ ...me, theme: 'dark' });
		expect(profile.saved).toBe(true);
		await profile.save();
		expect(call).toHaveBeenCalledTimes(1);
	});

	it('keeps what could not be saved, also over a reload', async () => {
		const { profile, drafts } = make(() => Promise.reject(new ApiError({ code: 'offline' }, 0)));
		profile.form.values.name = 'Ana Petrović';
		await profile.save();
		expect(profile.form.values.name).toBe('Ana Petrović');
		expect(profile.form.problem?.offline).toBe(true);
		expect(profile.saved).toBe(false);
		const reloaded = new Profile(me, { changeMe: async (change) => ({ ...me, ...change }) }, () => {}, drafts);
		expect(reloaded.form.values.name).toBe('Ana Petrović');
		await reloaded.save();
		expect(drafts.kept.size).toBe(0);
	});

	it('sends a change made while another is on its way', async () => {
		const wakes: (() => void)[] = [];
		let server = me;
		const { profile, call } = make(async (change) => {
			await new Promise<void>((wake) => wakes.push(wake));
			return (server = { ...server, ...change });
		});
		profile.form.values.theme = 'dark';
		const first = profile.save();
		profile.form.values.language = 'de';
		const second = profile.save();
		wakes[0]!();
		await vi.waitFor(() => expect(wakes).toHaveLength(2));
		wakes[1]!();
		await Promise.all([first, second]);
		expect(call.mock.calls).toEqual([[{ theme: 'dark' }], [{ language: 'de' }]]);
		expect(profile.form.dirty).toBe(false);
	});

	it('does not send an empty name', async () => {
		const { profile, call } = make();
		profile.form.values.name = '  ';
		await profile.save();
		expect(call).not.toHaveBeenCalled();
		expect(profile.form.errors.name).toBe('empty');
	});

	it('never overwrites what is being typed', () => {
		const { profile } = make();
		profile.form.values.name = 'Anna';
		profile.keep();
		profile.refresh({ ...me, name: 'A.', theme: 'light' });
		expect(profile.form.values.name).toBe('Anna');
		expect(profile.form.values.theme).toBe('light');
	});
});

describe('time zones', () => {
	const now = new Date('2026-01-20T12:00:00Z');
	const ids = ['Europe/Berlin', 'Europe/Busingen', 'America/New_York', 'America/Argentina/Buenos_Aires', 'America/North_Dakota/New_Salem', 'Asia/Tokyo', 'UTC', 'America/Sao_Paulo'];
	const found = (query: string) => findZones(ids, query, now).map(({ id }) => id);

	it('are found by the beginning of the city first, then of a word, then anywhere', () => {
		expect(found('ber')).toEqual(['Europe/Berlin']);
		expect(found('new')).toEqual(['America/New_York', 'America/North_Dakota/New_Salem']);
		expect(found('york')).toEqual(['America/New_York']);
		expect(found('argentina')).toEqual(['America/Argentina/Buenos_Aires']);
		expect(found('são p')).toEqual(['America/Sao_Paulo']);
		expect(found(' ')).toEqual([]);
		expect(found('atlantis')).toEqual([]);
	});

	it('read like a place', () => {
		expect(zone('America/Argentina/Buenos_Aires', now)).toEqual({ id: 'America/Argentina/Buenos_Aires', city: 'Buenos Aires', region: 'America, Argentina', offset: 'GMT-3' });
		expect(zone('UTC', now)).toMatchObject({ city: 'UTC', region: '' });
		expect(zone('Europe/Berlin', new Date('2026-07-01T12:00:00Z')).offset).toBe('GMT+2');
	});

	it('are all there, once', () => {
		const all = allZones();
		expect(all).toContain('Europe/Berlin');
		expect(new Set(all).size).toBe(all.length);
		expect(findZones(all, 'a', now)).toHaveLength(8);
	});
});
