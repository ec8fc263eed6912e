import { describe, expect, it } from 'vitest';
import { initials, tint } from './initials';

describe('initials', () => {
	it.each([
		['Ana Petrović', 'AP'],
		['ana', 'A'],
		['Jean Luc de Groot', 'JG'],
		['王小明', '王'],
		['(Mia) Chen', 'MC'],
		['  ', '?'],
		['!!!', '?'],
	])('%s', (name, wanted) => expect(initials(name)).toBe(wanted));
	it('has a stable tint', () => {
		expect(tint('Ana')).toBe(tint('Ana'));
		expect(tint('')).toBe(0);
		expect(tint('Jonas Weber')).toBeLessThan(6);
	});
});
