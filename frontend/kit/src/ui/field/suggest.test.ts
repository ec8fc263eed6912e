import { describe, expect, it } from 'vitest';
import { fold, step, suggest } from './suggest';

const options = [
	{ value: '1', label: 'Ana Petrović', detail: 'ana@example.com' },
	{ value: '2', label: 'Peter Ana', detail: '' },
	{ value: '3', label: 'Mia Chen' },
];

describe('suggest', () => {
	it('finds without accents, beginnings first', () => {
		expect(suggest(options, 'petrovic').map((o) => o.value)).toEqual(['1']);
		expect(suggest(options, 'pe').map((o) => o.value)).toEqual(['2', '1']);
		expect(suggest(options, 'ana example').map((o) => o.value)).toEqual(['1']);
	});
	it('shows all without a query and nothing without a match', () => {
		expect(suggest(options, ' ', 2)).toHaveLength(2);
		expect(suggest(options, 'zzz')).toEqual([]);
	});
	it('folds', () => expect(fold('ÄÉß')).toBe('aeß'));
});

describe('step', () => {
	it.each([
		['ArrowDown', 2, 0],
		['ArrowUp', 0, 2],
		['ArrowUp', -1, 2],
		['Home', 2, 0],
		['End', 0, 2],
		['x', 1, undefined],
	])('%s from %d', (key, from, to) => expect(step(key, from, 3)).toBe(to));
	it('has nowhere to go in an empty list', () => expect(step('End', 0, 0)).toBeUndefined());
});
