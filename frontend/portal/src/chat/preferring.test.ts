import { expect, it, vi } from 'vitest';
import { ApiError } from '$kit/api/errors';
import type { Preferences } from './api';
import { Preferring } from './preferring.svelte';

const start: Preferences = { mail: 'soon', quiet_from: '', quiet_to: '' };

it('saves each choice at once, the last of many', async () => {
	const prefer = vi.fn(async (preferences: Preferences) => preferences);
	const preferring = new Preferring({ preferences: async () => start, prefer });
	await preferring.load();
	const all = [preferring.choose({ mail: 'daily' }), preferring.choose({ quiet_from: '21:00', quiet_to: '08:00' }), preferring.choose({ mail: 'never' })];
	expect(preferring.values).toEqual({ mail: 'never', quiet_from: '21:00', quiet_to: '08:00' });
	await Promise.all(all);
	expect([preferring.saved, prefer.mock.calls.map(([{ mail }]) => mail)]).toEqual([true, ['daily', 'never']]);
});

it('keeps on screen what was not saved, with the reason', async () => {
	const preferring = new Preferring({ preferences: async () => start, prefer: () => Promise.reject(new ApiError({ detail: 'Give both times.' }, 422)) });
	await preferring.load();
	await preferring.choose({ quiet_from: '21:00' });
	expect([preferring.values?.quiet_from, preferring.saved, preferring.error?.message]).toEqual(['21:00', false, 'Give both times.']);
});
