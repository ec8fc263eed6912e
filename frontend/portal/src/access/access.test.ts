import { describe, expect, it, vi } from 'vitest';
import { ApiError } from '$kit/api/errors';
import type { Session } from '$portal/api/paths';
import { Devices } from './devices.svelte';
import { leave, type Door } from './leave';

const session = (id: string, last_seen_at: string, current = false): Session => ({ id, device: 'Firefox on Linux', created_at: last_seen_at, last_seen_at, current });

function server() {
	let items = [session('se_1', '2026-01-03'), session('se_2', '2026-01-01', true), session('se_3', '2026-01-02'), session('se_4', '2026-01-04')];
	return {
		sessions: async () => items,
		endSession: async (id: string) => void (items = items.filter((one) => one.id !== id)),
		endOtherSessions: async () => void (items = items.filter((one) => one.current)),
	};
}

const ids = (devices: Devices) => devices.items?.map(({ id }) => id);
const broken = () => Promise.reject(new ApiError({ code: 'internal' }, 500));

describe('devices', () => {
	it('lists this device first, then the latest', async () => {
		const devices = new Devices(server());
		await devices.load();
		expect(ids(devices)).toEqual(['se_2', 'se_4', 'se_1', 'se_3']);
		expect(devices.others).toHaveLength(3);
	});

	it('signs out one, then all others', async () => {
		const devices = new Devices(server());
		await devices.load();
		expect(await devices.end('se_4')).toBe(true);
		expect(ids(devices)).toEqual(['se_2', 'se_1', 'se_3']);
		expect(await devices.endOthers()).toBe(true);
		expect(ids(devices)).toEqual(['se_2']);
	});

	it('never shows a device as signed out that is not', async () => {
		const devices = new Devices({ ...server(), endSession: broken });
		await devices.load();
		expect(await devices.end('se_4')).toBe(false);
		expect(ids(devices)).toContain('se_4');
		expect(devices.error?.status).toBe(500);
		expect(devices.ending).toBeUndefined();
	});

	it('does one thing at a time', async () => {
		const devices = new Devices(server());
		await devices.load();
		const both = await Promise.all([devices.end('se_4'), devices.end('se_3')]);
		expect(both).toEqual([true, false]);
	});

	it('says when the list cannot be read', async () => {
		const devices = new Devices({ ...server(), sessions: broken });
		await devices.load();
		expect(devices.items).toBeUndefined();
		expect(devices.error?.status).toBe(500);
	});
});

describe('leaving', () => {
	const make = (change: Partial<Door> = {}) => {
		const gone: string[] = [];
		const drafts = { clear: vi.fn() };
		const go = vi.fn();
		const caches = { keys: async () => ['shell-1', 'home-1'], delete: async (name: string) => Boolean(gone.push(name)) };
		const bases = {
			deleteDatabase: vi.fn((_: string) => {
				const request: { onsuccess?(): void } = {};
				queueMicrotask(() => request.onsuccess?.());
				return request;
			}),
		};
		const kept = { removeItem: vi.fn(), 'chat.draft.ct_1.cv_1': 'Dear', 'portico.language': 'de' };
		return { gone, drafts, bases, kept, go, door: { caches, drafts, kept, bases: bases as unknown as IDBFactory, path: '/devices?x=1', go, ...change } };
	};

	it('leaves nothing behind after signing out', async () => {
		const { gone, drafts, bases, kept, go, door } = make();
		await leave('signed_out', door);
		expect(gone).toEqual(['shell-1', 'home-1']);
		expect(drafts.clear).toHaveBeenCalled();
		expect(bases.deleteDatabase.mock.calls).toEqual([['chat-kept'], ['chat-queue']]);
		expect(kept.removeItem.mock.calls).toEqual([['chat.draft.ct_1.cv_1']]);
		expect(go).toHaveBeenCalledWith('/login?notice=signed_out');
	});

	it('comes back to the same page after the session ended, with unsent text kept', async () => {
		const { gone, drafts, bases, kept, go, door } = make();
		await leave('session_ended', door);
		expect(gone).toHaveLength(2);
		expect(bases.deleteDatabase.mock.calls).toEqual([['chat-kept']]);
		expect(kept.removeItem).not.toHaveBeenCalled();
		expect(drafts.clear).not.toHaveBeenCalled();
		expect(go).toHaveBeenCalledWith('/login?next=%2Fdevices%3Fx%3D1&notice=session_ended');
	});

	it('goes even where storage is forbidden', async () => {
		const forbidden = { keys: () => Promise.reject(new Error('no')), delete: async () => false };
		const { go, door } = make({ caches: forbidden });
		await leave('signed_out', door);
		expect(go).toHaveBeenCalled();
		const without = make({ caches: undefined });
		await leave('signed_out', without.door);
		expect(without.go).toHaveBeenCalled();
	});
});
