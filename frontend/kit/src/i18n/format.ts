import { i18n } from './catalogue.svelte';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(style: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
	const options = { timeZone: i18n.timeZone, ...style };
	const key = i18n.tag + JSON.stringify(options);
	let found = formatters.get(key);
	if (!found) formatters.set(key, (found = new Intl.DateTimeFormat(i18n.tag, options)));
	return found;
}

/** "12 Jan 2026" */
export function formatDate(at: string | number | Date): string {
	return formatter({ day: 'numeric', month: 'short', year: 'numeric' }).format(new Date(at));
}

/** "14:02" */
export function formatTime(at: string | number | Date): string {
	return formatter({ hour: '2-digit', minute: '2-digit' }).format(new Date(at));
}

/** "Mon, 09:00", for a time within a week. */
export function formatDayTime(at: string | number | Date): string {
	return formatter({ weekday: 'short', hour: '2-digit', minute: '2-digit' }).format(new Date(at));
}

/** The whole moment, for tooltips: "Monday, 12 January 2026 at 14:02 CET". */
export function formatFull(at: string | number | Date): string {
	return formatter({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit', timeZoneName: 'short' }).format(new Date(at));
}

export function formatNumber(value: number): string {
	return new Intl.NumberFormat(i18n.tag).format(value);
}

/** "42 %" */
export function formatPercent(part: number): string {
	return new Intl.NumberFormat(i18n.tag, { style: 'percent', maximumFractionDigits: 0 }).format(part);
}

/** "1.4 MB", in steps of 1000 as file managers count. */
export function formatBytes(bytes: number): string {
	const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
	const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
	return new Intl.NumberFormat(i18n.tag, { style: 'unit', unit: units[step]!, unitDisplay: 'short', maximumFractionDigits: step < 2 ? 0 : 1 }).format(bytes / 1000 ** step);
}

/** Relative within a week, then the date. */
export function formatRelative(at: string | number | Date, now: number = Date.now()): string {
	const past = now - new Date(at).getTime();
	const away = Math.abs(past);
	const relative = new Intl.RelativeTimeFormat(i18n.locale, { numeric: 'auto', style: 'short' });
	const sign = past < 0 ? 1 : -1;
	if (away < 45_000) return relative.format(0, 'second');
	if (away < hour) return relative.format(sign * Math.max(1, Math.round(away / minute)), 'minute');
	if (away < day) return relative.format(sign * Math.round(away / hour), 'hour');
	if (away < 7 * day) return relative.format(sign * Math.round(away / day), 'day');
	return formatDate(at);
}

/** A length of time in its largest whole unit: 86400 → "1 day". */
export function formatSeconds(seconds: number): string {
	const units: [number, string][] = [
		[86_400, 'day'],
		[3_600, 'hour'],
		[60, 'minute'],
	];
	const [size, unit] = units.find(([s]) => seconds % s === 0 && seconds >= s) ?? [60, 'minute'];
	return new Intl.NumberFormat(i18n.locale, { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 1 }).format(seconds / size);
}

/** "32 ms" */
export function formatMilliseconds(milliseconds: number): string {
	return new Intl.NumberFormat(i18n.locale, { style: 'unit', unit: 'millisecond', unitDisplay: 'short' }).format(milliseconds);
}
