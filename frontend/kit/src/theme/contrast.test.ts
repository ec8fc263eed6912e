import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { luminance, parseOklch, ratio } from './contrast';

const css = ['tokens.css', 'staff.css'].map((name) => readFileSync(new URL(name, import.meta.url), 'utf8')).join('\n');

/** The value of a token in one scheme, references followed. */
function token(name: string, scheme: 'light' | 'dark'): string {
	const value = new RegExp(`--${name}:\\s*([^;]+);`).exec(css)?.[1];
	if (!value) throw new Error(`no token ${name}`);
	const reference = /^var\(--([\w-]+)\)$/.exec(value);
	if (reference) return token(reference[1]!, scheme);
	const pair = /light-dark\((oklch\([^)]+\)),\s*(oklch\([^)]+\))\)/.exec(value);
	if (!pair) return value;
	return scheme === 'light' ? pair[1]! : pair[2]!;
}

const surfaces = ['page', 'surface', 'raised', 'sunken', 'hover'];
const readable: [string, string][] = [
	...surfaces.flatMap((s): [string, string][] => ['text', 'text-muted', 'text-faint', 'accent-text'].map((text) => [text, s])),
	...['green', 'amber', 'red', 'blue', 'violet', 'teal', 'gray'].map((c): [string, string] => [`${c}-text`, `${c}-surface`]),
	...['red', 'amber', 'green'].map((c): [string, string] => [`${c}-text`, 'surface']),
	['on-accent', 'accent'],
	['on-accent', 'accent-hover'],
	['on-danger', 'danger'],
	['text', 'accent-soft'],
	['text-muted', 'accent-soft'],
	['text-faint', 'accent-soft'],
	['accent-text', 'accent-soft'],
];

describe('every text colour is readable on what lies under it', () => {
	for (const scheme of ['light', 'dark'] as const) {
		it.each(readable)(`${scheme}: %s on %s`, (text, under) => {
			const found = ratio(parseOklch(token(text, scheme))!, parseOklch(token(under, scheme))!);
			expect(found).toBeGreaterThanOrEqual(4.5);
		});
	}
});

describe('contrast', () => {
	it('knows black and white', () => {
		expect(luminance({ l: 1, c: 0, h: 0 })).toBeCloseTo(1, 3);
		expect(ratio({ l: 0, c: 0, h: 0 }, { l: 1, c: 0, h: 0 })).toBeCloseTo(21, 1);
	});
	it('reads only oklch', () => {
		expect(parseOklch('#fff')).toBeUndefined();
	});
});
