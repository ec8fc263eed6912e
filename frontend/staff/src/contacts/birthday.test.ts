import { expect, it } from 'vitest';
import { parseBirthday, writeBirthday } from './birthday';

it.each(['1988-04-12', '--02-29', ''])('reads and writes %s', (text) => expect(writeBirthday(parseBirthday(text))).toBe(text));

it.each([
	[{ day: '31', month: '02', year: '' }],
	[{ day: '12', month: '', year: '' }],
	[{ day: '12', month: '04', year: '88' }],
	[{ day: '29', month: '02', year: '2025' }],
])('waits for a real day: %o', (parts) => expect(writeBirthday(parts)).toBeUndefined());

it('reads nothing from nonsense', () => expect(parseBirthday('tomorrow')).toEqual({ day: '', month: '', year: '' }));
