import { describe, expect, it } from 'vitest';
import { fieldMoment, fieldValue, momentOf, nextAt, wallTime } from './zone';
import { presets } from './snooze';

const iso = (at: number | undefined) => new Date(at!).toISOString();

describe('the clock of a place', () => {
	it('shows another time and day', () => {
		const at = Date.UTC(2026, 0, 31, 23, 30);
		expect(wallTime(at, 'Europe/Berlin')).toEqual({ year: 2026, month: 2, day: 1, hour: 0, minute: 30, weekday: 0 });
		expect(wallTime(at, 'America/New_York')).toEqual({ year: 2026, month: 1, day: 31, hour: 18, minute: 30, weekday: 6 });
	});
	it('knows nothing of a zone that does not exist, and goes on', () => {
		expect(wallTime(0, 'Nowhere/Town')).toEqual(wallTime(0, undefined));
	});
	it.each([
		['winter', { year: 2026, month: 1, day: 5, hour: 9, minute: 0 }, '2026-01-05T08:00:00.000Z'],
		['summer', { year: 2026, month: 7, day: 5, hour: 9, minute: 0 }, '2026-07-05T07:00:00.000Z'],
		['a day beyond the month', { year: 2026, month: 1, day: 32, hour: 9, minute: 0 }, '2026-02-01T08:00:00.000Z'],
		['an hour that is skipped', { year: 2026, month: 3, day: 29, hour: 2, minute: 30 }, '2026-03-29T01:30:00.000Z'],
	])('tells the moment: %s', (_, wall, moment) => expect(iso(momentOf(wall, 'Europe/Berlin'))).toBe(moment));
	it('tells nine in the morning across a change of clocks', () => {
		expect(iso(nextAt(Date.UTC(2026, 2, 28, 12), 'Europe/Berlin', 1, 9))).toBe('2026-03-29T07:00:00.000Z');
	});
	it('fills a field and reads it back', () => {
		const at = Date.UTC(2026, 5, 1, 20, 15);
		expect(fieldValue(at, 'Asia/Tokyo')).toBe('2026-06-02T05:15');
		expect(fieldMoment('2026-06-02T05:15', 'Asia/Tokyo')).toBe(at);
		expect(fieldMoment('', 'Asia/Tokyo')).toBeUndefined();
	});
});

describe('times to come back', () => {
	const keys = (now: number) => presets(now, 'Europe/Berlin').map(({ key, at }) => `${key} ${iso(at).slice(0, 16)}`);
	it('on a Wednesday morning', () => {
		expect(keys(Date.UTC(2026, 0, 7, 9))).toEqual(['hours 2026-01-07T12:00', 'evening 2026-01-07T17:00', 'tomorrow 2026-01-08T08:00', 'monday 2026-01-12T08:00', 'week 2026-01-14T08:00']);
	});
	it('on a Sunday night Monday is tomorrow, and the evening is over', () => {
		expect(keys(Date.UTC(2026, 0, 11, 20))).toEqual(['hours 2026-01-11T23:00', 'tomorrow 2026-01-12T08:00', 'week 2026-01-18T08:00']);
	});
	it('on a Monday Monday is in a week, once', () => {
		expect(keys(Date.UTC(2026, 0, 12, 9)).filter((one) => one.endsWith('2026-01-19T08:00'))).toHaveLength(1);
	});
});
