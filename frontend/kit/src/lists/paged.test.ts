import { describe, expect, it, vi } from 'vitest';
import { ApiError } from '../api/errors';
import { Paged, type PageRequest } from './paged.svelte';

interface Row {
	id: string;
	name: string;
}

function source(size: number, counted = true) {
	const rows: Row[] = Array.from({ length: size }, (_, i) => ({ id: `r${i}`, name: `Row ${i}` }));
	const load = vi.fn(async ({ limit, cursor, offset }: PageRequest) => {
		const at = cursor ? Number(cursor) : (offset ?? 0);
		const items = rows.slice(at, at + limit);
		return { items, next_cursor: at + limit < rows.length ? String(at + limit) : null };
	});
	const count = vi.fn(async () => rows.length);
	const list = new Paged<Row>({ key: (row) => row.id, load, count: counted ? count : undefined, size: 10, keep: 4 });
	return { list, load, rows, count };
}

describe('a paged list', () => {
	it('fetches what is looked at, by cursor when it follows, by offset when it jumps', async () => {
		const { list, load } = source(1000);
		await list.restart();
		expect([list.total, list.ready, list.row(9)?.id]).toEqual([1000, true, 'r9']);
		await list.want(5, 15);
		expect(load.mock.lastCall![0]).toMatchObject({ cursor: '10' });
		await list.want(990, 999);
		expect(load.mock.lastCall![0]).toMatchObject({ offset: 990 });
		expect(list.row(995)?.id).toBe('r995');
		expect(list.row(500)).toBeUndefined();
		expect(list.indexOf('r995')).toBe(995);
		expect(list.indexOf('r500')).toBe(-1);
	});
	it('asks once for a page that is on its way', async () => {
		const { list, load } = source(100);
		await list.restart();
		await Promise.all([list.want(10, 19), list.want(10, 19)]);
		expect(load).toHaveBeenCalledTimes(2);
	});
	it('forgets pages far away', async () => {
		const { list } = source(1000);
		await list.restart();
		for (const at of [100, 200, 300, 400]) await list.want(at, at + 5);
		expect(list.row(0)).toBeUndefined();
		expect(list.loaded).toHaveLength(40);
	});
	it('grows page by page when there is no count', async () => {
		const { list, load } = source(25, false);
		await list.restart();
		expect(list.total).toBe(11);
		await list.want(5, 11);
		await list.want(15, 21);
		expect(list.total).toBe(25);
		await list.want(24, 40);
		expect(load).toHaveBeenCalledTimes(3);
	});
	it('keeps rows and place while refreshing', async () => {
		const { list, rows } = source(50);
		await list.restart();
		await list.want(20, 29);
		rows[25]!.name = 'Changed';
		const going = list.refresh();
		expect(list.row(25)).toBeDefined();
		await going;
		expect(list.row(25)?.name).toBe('Changed');
	});
	it('drops the answer to an older question', async () => {
		let answer: (name: string) => void = () => {};
		const load = vi.fn(() => new Promise<{ items: Row[] }>((done) => (answer = (name) => done({ items: [{ id: name, name }] }))));
		const list = new Paged<Row>({ key: (row) => row.id, load });
		const first = list.restart();
		const answerFirst = answer;
		const second = list.restart();
		answer('second');
		answerFirst('first');
		await Promise.all([first, second]);
		expect(list.row(0)?.id).toBe('second');
	});
	it('says what went wrong and recovers', async () => {
		const { list, load, count } = source(20);
		load.mockRejectedValueOnce(new ApiError({ code: 'x', detail: 'No.' }, 500));
		await list.restart();
		expect(list.error?.message).toBe('No.');
		count.mockRejectedValueOnce(new TypeError('down'));
		await list.restart();
		expect(list.error?.offline).toBe(true);
		await list.restart();
		expect([list.error, list.total]).toEqual([undefined, 20]);
	});
	it('changes and takes back', async () => {
		const { list } = source(20);
		await list.restart();
		const undo = list.patch(new Set(['r1', 'r99']), (row) => ({ ...row, name: 'New' }));
		expect(list.row(1)?.name).toBe('New');
		undo();
		expect(list.row(1)?.name).toBe('Row 1');
	});
	it('removes and puts back', async () => {
		const { list } = source(20);
		await list.restart();
		await list.want(0, 19);
		const undo = list.remove(new Set(['r0', 'r5']));
		expect([list.total, list.row(0)?.id, list.loaded.length]).toEqual([18, 'r1', 18]);
		undo();
		expect([list.total, list.row(0)?.id]).toEqual([20, 'r0']);
	});
	it('does not bring back what was removed while an older answer was on its way', async () => {
		const { list, load, rows } = source(5);
		await list.restart();
		let answer = (_page: { items: Row[]; next_cursor: null }) => {};
		load.mockImplementationOnce(() => new Promise((resolve) => (answer = resolve)));
		const older = list.refresh();
		list.remove(new Set(['r0']));
		const before = [...rows];
		rows.shift();
		const newer = list.refresh();
		answer({ items: before, next_cursor: null });
		await Promise.resolve();
		expect(list.row(0)?.id).toBe('r1');
		await Promise.all([older, newer]);
		expect([list.row(0)?.id, list.total, load.mock.calls.length]).toEqual(['r1', 4, 3]);
	});
	it('does not shift rows when memory has holes', async () => {
		const { list } = source(100);
		await list.restart();
		await list.want(90, 99);
		list.remove(new Set(['r0']));
		expect(list.row(95)?.id).toBe('r95');
		expect(list.total).toBe(99);
	});
});
