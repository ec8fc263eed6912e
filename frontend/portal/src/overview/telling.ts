import type { Activity } from '$portal/api/paths';

export type DayPart = 'morning' | 'afternoon' | 'evening';

/** The part of the day where the client is, which may not be where the device thinks. */
export function dayPart(now: Date, timeZone: string | undefined): DayPart {
	const hour = Number(new Intl.DateTimeFormat('en-GB', { hour: '2-digit', hourCycle: 'h23', timeZone }).format(now));
	if (hour >= 5 && hour < 12) return 'morning';
	if (hour >= 12 && hour < 18) return 'afternoon';
	return 'evening';
}

/** Only comings, goings and their own details so far: the room is still empty, so the client is shown around. */
export function isNewHere(recent: readonly Activity[]): boolean {
	return recent.every(({ kind }) => /^(portal|contact|invitation|link|mail)\./.test(kind));
}

/** The same thing several times in a row is one line, with its latest time; settings that save themselves leave many. */
export function withoutRepeats(recent: readonly Activity[]): Activity[] {
	return recent.filter((item, i) => item.kind !== recent[i - 1]?.kind || item.text !== recent[i - 1]?.text);
}
