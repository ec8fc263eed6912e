import { expect, it, vi } from 'vitest';
import { connection } from './connection.svelte';

it('tells when it is back, once, to those who still listen', () => {
	const [back, gone] = [vi.fn(), vi.fn()];
	connection.onBack(back);
	connection.onBack(gone)();
	connection.reach(true);
	connection.reach(false);
	expect([connection.online, back.mock.calls.length]).toEqual([false, 0]);
	connection.reach(true);
	connection.reach(true);
	expect([connection.online, back.mock.calls.length, gone.mock.calls.length]).toEqual([true, 1, 0]);
	connection.end();
	expect(connection.ended).toBe(true);
});
