import { expect, it } from 'vitest';
import { onColour } from './contrast';

it.each([
	['#000000', '#ffffff'],
	['#ffffff', '#000000'],
	['#0f766e', '#ffffff'],
	['#fde047', '#000000'],
])('on %s stands %s', (colour, wanted) => expect(onColour(colour)).toBe(wanted));
