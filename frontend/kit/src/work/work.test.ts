import { describe, expect, it, vi } from 'vitest';
import { Work, type Outcome } from './work.svelte';

const done = (ids: string[]): Outcome[] => ids.map((id) => ({ id, label: id, status: id === 'c' ? 'failed' : id === 'b' ? 'skipped' : 'done', reason: '' }));

describe('long work', () => {
	it('goes on in chunks and counts', async () => {
		const work = new Work();
		const send = vi.fn(async (ids: string[]) => done(ids));
		const finished = vi.fn();
		const task = work.start({ label: 'Tag', ids: ['a', 'b', 'c', 'd', 'e'], chunk: 2, send, finished });
		await vi.waitFor(() => expect(task.state).toBe('done'));
		expect(send.mock.calls.map(([ids]) => ids.length)).toEqual([2, 2, 1]);
		expect([task.done, task.failed.length, task.skipped.length]).toEqual([5, 1, 1]);
		expect(finished).toHaveBeenCalledExactlyOnceWith(task);
		work.dismiss(work.tasks[0]!);
		expect(work.tasks).toEqual([]);
	});
	it('stops when cancelled', async () => {
		const work = new Work();
		const send = vi.fn(async (ids: string[]) => {
			await Promise.resolve();
			task.cancel();
			return done(ids);
		});
		const task = work.start({ label: 'Tag', ids: ['a', 'b'], chunk: 1, send });
		await vi.waitFor(() => expect(task.done).toBe(1));
		expect([task.state, send.mock.calls.length]).toEqual(['cancelled', 1]);
	});
	it('says why it failed', async () => {
		const task = new Work().start({ label: 'Tag', ids: ['a'], send: () => Promise.reject(new Error('disk full')) });
		await vi.waitFor(() => expect(task.state).toBe('failed'));
		expect(task.error).toBe('disk full');
		task.cancel();
		expect(task.state).toBe('failed');
	});
});
