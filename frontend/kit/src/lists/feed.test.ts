import { describe, expect, it, vi } from 'vitest';
import { Feed } from './feed.svelte';

const item = (id: string) => ({ id });

describe('a feed', () => {
	it('reads on and shows nothing twice', async () => {
		const load = vi.fn(async (cursor?: string) => (cursor ? { items: [item('b'), item('c')], next_cursor: null } : { items: [item('a'), item('b')], next_cursor: '2' }));
		const feed = new Feed(load);
		await feed.load();
		expect(feed.hasMore).toBe(true);
		await feed.more();
		await feed.more();
		expect([feed.items.map(({ id }) => id), feed.hasMore, load.mock.calls.length]).toEqual([['a', 'b', 'c'], false, 2]);
	});
	it('keeps what it has when more does not come', async () => {
		const load = vi.fn().mockResolvedValueOnce({ items: [item('a')], next_cursor: '2' }).mockRejectedValueOnce(new TypeError('down'));
		const feed = new Feed<{ id: string }>(load);
		await feed.load();
		await feed.more();
		expect([feed.items.length, feed.error?.offline, feed.busy]).toEqual([1, true, false]);
	});
	it('drops an answer that came too late', async () => {
		const answers: ((id: string) => void)[] = [];
		const feed = new Feed<{ id: string }>(() => new Promise((done) => answers.push((id) => done({ items: [item(id)] }))));
		const both = [feed.load(), feed.load()];
		answers[1]!('new');
		answers[0]!('old');
		await Promise.all(both);
		expect(feed.items).toEqual([{ id: 'new' }]);
	});
	it('changes in place', async () => {
		const feed = new Feed<{ id: string; text?: string }>(async () => ({ items: [item('a'), item('b')] }));
		await feed.load();
		feed.put({ id: 'b', text: 'new' });
		feed.put({ id: 'c' });
		const back = feed.take('b');
		expect(feed.items.map(({ id }) => id)).toEqual(['c', 'a']);
		back();
		expect(feed.items[2]).toEqual({ id: 'b', text: 'new' });
	});
});
