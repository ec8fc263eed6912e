import { describe, expect, it } from 'vitest';
import { nextSort, reveal, most, span, visible } from './columns';

const columns = [
	{ key: 'name', label: '', width: '1fr', fixed: true },
	{ key: 'email', label: '', width: '1fr', from: 400 },
	{ key: 'city', label: '', width: '1fr', from: 900 },
];

describe('columns', () => {
	it.each([
		[1200, ['name', 'email', 'city']],
		[500, ['name', 'email']],
		[300, ['name']],
	])('fit %d px', (width, wanted) => expect(visible(columns, ['email', 'city'], width).map((c) => c.key)).toEqual(wanted));
	it('are chosen', () => expect(visible(columns, [], 1200).map((c) => c.key)).toEqual(['name']));
	it('sort up, then down', () => {
		expect(nextSort('name', 'created')).toBe('created');
		expect(nextSort('created', 'created')).toBe('-created');
		expect(nextSort('-created', 'created')).toBe('created');
	});
});

describe('rows in view', () => {
	it('are few, however long the list', () => {
		expect(span(0, 720, 36, 100_000)).toEqual({ first: 0, last: 30 });
		expect(span(36_000, 720, 36, 100_000)).toEqual({ first: 990, last: 1030 });
		expect(span(3_600_000, 720, 36, 100_000)).toEqual({ first: 99_990, last: 100_000 });
		expect(span(0, 20_000, 36, 100_000).last).toBe(96);
		for (let top = 0; top < 4_000; top += 7) {
			const { first, last } = span(top, 725, 36, 100_000);
			expect(last - first).toBeLessThanOrEqual(most(725, 36));
		}
		expect(span(0, 720, 36, 0)).toEqual({ first: 0, last: 0 });
	});
	it('scroll only as far as needed', () => {
		expect(reveal(5, 0, 400, 36, 32)).toBeUndefined();
		expect(reveal(20, 0, 400, 36, 32)).toBe(388);
		expect(reveal(2, 360, 400, 36, 32)).toBe(72);
	});
});
