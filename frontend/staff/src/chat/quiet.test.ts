import { expect, it } from 'vitest';
import { isQuiet } from './quiet';

const at = (hour: number, minute = 0) => Date.UTC(2026, 0, 7, hour, minute);

it.each([
	['20:00', '08:00', at(20), true],
	['20:00', '08:00', at(7, 59), true],
	['20:00', '08:00', at(8), false],
	['20:00', '08:00', at(12), false],
	['12:00', '13:30', at(13, 29), true],
	['12:00', '13:30', at(13, 30), false],
	['', '', at(3), false],
	['20:00', '', at(21), false],
	['20:00', '20:00', at(20), false],
])('from %s to %s', (quiet_from, quiet_to, now, quiet) => expect(isQuiet({ quiet_from, quiet_to }, now, 'UTC')).toBe(quiet));

it('is by the clock of the person', () => expect(isQuiet({ quiet_from: '20:00', quiet_to: '08:00' }, at(19, 30), 'Europe/Berlin')).toBe(true));
