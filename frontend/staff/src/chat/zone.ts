/** A time on the clock of a place. */
export interface WallTime {
	year: number;
	/** 1 to 12. */
	month: number;
	day: number;
	hour: number;
	minute: number;
	/** 0 is Sunday. */
	weekday: number;
}

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** What clocks show in a time zone; without one, here. A zone that this browser does not know is here, too. */
export function wallTime(at: number, zone: string | undefined): WallTime {
	const style = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', weekday: 'short', hourCycle: 'h23' } as const;
	let format: Intl.DateTimeFormat;
	try {
		format = new Intl.DateTimeFormat('en-US', { ...style, timeZone: zone || undefined });
	} catch {
		format = new Intl.DateTimeFormat('en-US', style);
	}
	const parts = Object.fromEntries(format.formatToParts(at).map((part) => [part.type, part.value]));
	return { year: Number(parts.year), month: Number(parts.month), day: Number(parts.day), hour: Number(parts.hour), minute: Number(parts.minute), weekday: weekdays.indexOf(parts.weekday ?? '') };
}

/**
 * The moment at which clocks in a zone show a time. Days and months may run over.
 * A time that is skipped when clocks go forward becomes the one an hour later.
 */
export function momentOf(wall: Pick<WallTime, 'year' | 'month' | 'day' | 'hour' | 'minute'>, zone: string | undefined): number {
	const wanted = Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute);
	const shown = (at: number) => {
		const is = wallTime(at, zone);
		return Date.UTC(is.year, is.month - 1, is.day, is.hour, is.minute);
	};
	let at = wanted;
	for (let i = 0; i < 3; i += 1) {
		const off = shown(at) - wanted;
		if (off === 0) return at;
		at -= off;
	}
	return Math.max(at, at - (shown(at) - wanted));
}

/** The next time that clocks in a zone show this hour, tomorrow at the earliest when `days` is 1. */
export function nextAt(now: number, zone: string | undefined, days: number, hour: number): number {
	const today = wallTime(now, zone);
	return momentOf({ ...today, day: today.day + days, hour, minute: 0 }, zone);
}

/** "2026-03-01T09:00" as a date and time field has it. */
export function fieldValue(at: number, zone: string | undefined): string {
	const { year, month, day, hour, minute } = wallTime(at, zone);
	const two = (n: number) => String(n).padStart(2, '0');
	return `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}`;
}

/** The moment that such a field means; undefined while it is not filled in. */
export function fieldMoment(value: string, zone: string | undefined): number | undefined {
	const found = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)/.exec(value);
	if (!found) return undefined;
	const [year, month, day, hour, minute] = found.slice(1).map(Number) as [number, number, number, number, number];
	return momentOf({ year, month, day, hour, minute }, zone);
}
