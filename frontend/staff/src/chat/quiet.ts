import type { ChatSettings } from '$kit/api/types/staff';
import { wallTime } from './zone';

const minutes = (clock: string) => {
	const found = /^(\d\d):(\d\d)$/.exec(clock);
	return found ? Number(found[1]) * 60 + Number(found[2]) : undefined;
};

/** Whether it is a time at which nobody wants to be told; the hours may go over midnight. */
export function isQuiet({ quiet_from, quiet_to }: Pick<ChatSettings, 'quiet_from' | 'quiet_to'>, now: number, zone: string | undefined): boolean {
	const [from, to] = [minutes(quiet_from), minutes(quiet_to)];
	if (from === undefined || to === undefined || from === to) return false;
	const { hour, minute } = wallTime(now, zone);
	const at = hour * 60 + minute;
	return from < to ? at >= from && at < to : at >= from || at < to;
}
