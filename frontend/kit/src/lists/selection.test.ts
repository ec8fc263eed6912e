import { describe, expect, it } from 'vitest';
import { Selection } from './selection.svelte';

const keyAt = (index: number) => (index === 3 ? undefined : `r${index}`);

describe('a selection', () => {
	it('toggles and extends in both directions over rows in memory', () => {
		const chosen = new Selection();
		chosen.toggle('r1', 1);
		chosen.extend(4, keyAt);
		expect([...chosen.keys]).toEqual(['r1', 'r2', 'r4']);
		chosen.toggle('r4', 4);
		chosen.extend(2, keyAt);
		expect(chosen.size).toBe(3);
		expect(chosen.has('r4')).toBe(true);
	});
	it('is replaced and cleared', () => {
		const chosen = new Selection();
		chosen.replace(['a', 'b']);
		chosen.replace(['c']);
		expect([...chosen.keys]).toEqual(['c']);
		chosen.clear();
		expect(chosen.size).toBe(0);
	});
});
