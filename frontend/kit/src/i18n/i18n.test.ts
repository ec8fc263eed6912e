import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Catalogue, i18n, nearest, type Messages } from './catalogue.svelte';
import { formatBytes, formatPercent, formatRelative, formatSeconds } from './format';

const folder = join(import.meta.dirname, '../../../messages');
const read = (part: string, locale: string) => JSON.parse(readFileSync(join(folder, part, `${locale}.json`), 'utf8')) as Messages;

/** Every {name} of a message, whatever its plural forms. */
function parameters(message: Messages[string]): string[] {
	const text = typeof message === 'string' ? message : Object.values(message).join(' ');
	return [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!))].sort();
}

describe.each(readdirSync(folder))('messages/%s', (part) => {
	const en = read(part, 'en');
	const de = read(part, 'de');
	it('has the same keys in both languages', () => {
		expect(Object.keys(de).sort()).toEqual(Object.keys(en).sort());
	});
	it('has the same parameters and no empty text', () => {
		for (const key of Object.keys(en)) {
			const [one, other] = [en[key]!, de[key]!];
			expect([key, ...parameters(other)]).toEqual([key, ...parameters(one)]);
			expect([key, typeof other]).toEqual([key, typeof one]);
			for (const text of [one, other]) expect(typeof text === 'string' ? text.trim() : text.other?.trim()).toBeTruthy();
		}
	});
});

describe('a catalogue', () => {
	const make = () => {
		const words = new Catalogue();
		words.register({
			en: async () => ({ default: { hi: 'Hello {name}', n: { zero: 'No contacts', one: '{count} contact', other: '{count} contacts' } } }),
			de: async () => ({ default: { hi: 'Hallo {name}', n: { one: '{count} Kontakt', other: '{count} Kontakte' } } }),
		});
		return words;
	};
	it('fills parameters and chooses plurals', async () => {
		const words = make();
		await words.use('en');
		expect(words.text('hi', { name: 'Ana' })).toBe('Hello Ana');
		expect([0, 1, 1204].map((count) => words.text('n', { count }))).toEqual(['No contacts', '1 contact', '1,204 contacts']);
	});
	it('changes the language, and shows a missing key rather than nothing', async () => {
		const words = make();
		await words.use('de');
		expect(words.text('n', { count: 0 })).toBe('0 Kontakte');
		expect(words.text('missing')).toBe('missing');
		expect(words.has('missing')).toBe(false);
		expect(words.text('hi')).toBe('Hallo {name}');
	});
	it('keeps what it has when a locale does not load', async () => {
		const words = make();
		await words.use('en');
		words.register({ en: async () => ({ default: {} }), de: () => Promise.reject(new Error('gone')) });
		await expect(words.use('de')).rejects.toThrow('gone');
		expect(words.text('hi', { name: 'Ana' })).toBe('Hello Ana');
		expect(words.locale).toBe('en');
	});
	it('finds the nearest locale', () => {
		expect(nearest(['de-AT', 'en'])).toBe('de');
		expect(nearest(['fr', 'EN-us'])).toBe('en');
		expect(nearest(['fr'])).toBe('en');
	});
});

describe('times', () => {
	const now = Date.UTC(2026, 0, 20, 12);
	const ago = (ms: number) => formatRelative(now - ms, now);
	it('are relative within a week, then dates', () => {
		i18n.timeZone = 'UTC';
		expect(ago(10_000)).toBe('now');
		expect(ago(5 * 60_000)).toBe('5 min. ago');
		expect(ago(-2 * 3_600_000)).toBe('in 2 hr.');
		expect(ago(86_400_000)).toBe('yesterday');
		expect(ago(8 * 86_400_000)).toBe('12 Jan 2026');
	});
	it('and sizes are short', () => {
		expect([0, 999, 48_256, 1_449_000, 3_000_000_000].map(formatBytes)).toEqual(['0 byte', '999 byte', '48 kB', '1.4 MB', '3 GB']);
		expect(formatPercent(0.424)).toBe('42%');
	});
	it('spell lengths', () => {
		expect(formatSeconds(86_400)).toBe('1 day');
		expect(formatSeconds(900)).toBe('15 minutes');
		expect(formatSeconds(7_200)).toBe('2 hours');
	});
});
