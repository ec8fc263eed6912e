import type { Activity } from '$portal/api/paths';

export type DayPart = 'morning' | 'afternoon' | 'evening';

/** The part of the day where the client is, which may not be where the device thinks. */
export function dayPart(now: Date, timeZone: string | undefined): DayPart {
	const hour = Number(new Intl.DateTimeFormat('en-GB', { hour: '2-digit', hourCycle: 'h23', timeZone }).format(now));
	if (hour >= 5 && hour < 12) return 'morning';
	if (hour >= 12 && hour < 18) return 'afternoon';
	return 'evening';
}

/** Only comings and goings so far: the room is still empty, so the client is shown around. */
export function isNewHere(recent: readonly Activity[]): boolean {
	return recent.every(({ kind }) => /^(portal|invitation|link|mail)\./.test(kind));
}
