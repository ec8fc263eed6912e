import { expect, it } from 'vitest';
import { sends } from './keys';

const plain = { key: 'Enter', shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, isComposing: false, keyCode: 13 };

it.each([
	['Enter', {}, false, true],
	['Shift and Enter', { shiftKey: true }, false, false],
	['Enter on touch', {}, true, false],
	['Ctrl and Enter on touch', { ctrlKey: true }, true, true],
	['⌘ and Enter', { metaKey: true }, false, true],
	['Enter that chooses a character', { isComposing: true }, false, false],
	['the same in Safari', { keyCode: 229 }, false, false],
	['another key', { key: 'a' }, false, false],
])('%s', (_, change, touch, sent) => expect(sends({ ...plain, ...change }, touch)).toBe(sent));
