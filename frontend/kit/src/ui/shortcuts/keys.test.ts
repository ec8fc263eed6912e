import { describe, expect, it } from 'vitest';
import { pressed, spell, typing } from './keys';

const event = (key: string, more: Partial<KeyboardEvent> = {}) => ({ key, metaKey: false, ctrlKey: false, shiftKey: false, altKey: false, ...more }) as KeyboardEvent;

describe('pressed', () => {
	it.each([
		['mod+k', event('k', { ctrlKey: true }), true],
		['mod+k', event('K', { metaKey: true }), true],
		['mod+k', event('k'), false],
		['x', event('x', { ctrlKey: true }), false],
		['x', event('X', { shiftKey: true }), false],
		['shift+x', event('X', { shiftKey: true }), true],
		['?', event('?', { shiftKey: true }), true],
		['/', event('/'), true],
		['/', event('/', { altKey: true }), false],
		['esc', event('Escape'), true],
		['space', event(' '), true],
	])('%s', (keys, given, wanted) => expect(pressed(given, keys)).toBe(wanted));
});

describe('typing', () => {
	it.each([
		[{ tagName: 'TEXTAREA' }, true],
		[{ tagName: 'INPUT', type: 'text' }, true],
		[{ tagName: 'INPUT', type: 'checkbox' }, false],
		[{ tagName: 'DIV', isContentEditable: true }, true],
		[{ tagName: 'BUTTON' }, false],
		[null, false],
	])('%o', (target, wanted) => expect(typing(target as unknown as EventTarget)).toBe(wanted));
});

it('spells keys', () => expect(spell('shift+x')).toEqual(['⇧', 'X']));
