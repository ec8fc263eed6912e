import { t } from '$staff/i18n';
import { nextAt, wallTime } from './zone';

export interface Preset {
	key: string;
	label: string;
	at: number;
}

const hour = 3_600_000;
const morning = 9;

/** When a message may be sent, on the client's clock: in the morning there. */
export function mornings(now: number, zone: string | undefined, here: string | undefined): Preset[] {
	const { weekday, hour: there } = wallTime(now, zone);
	const toMonday = ((8 - weekday) % 7) || 7;
	const theirs = zone !== undefined && wallTime(now, here).hour !== there;
	const list: Preset[] = [];
	if (there < morning) list.push({ key: 'today', label: t(theirs ? 'chat.later_today_there' : 'chat.later_today'), at: nextAt(now, zone, 0, morning) });
	list.push({ key: 'tomorrow', label: t(theirs ? 'chat.later_tomorrow_there' : 'chat.later_tomorrow'), at: nextAt(now, zone, 1, morning) });
	if (toMonday > 1) list.push({ key: 'monday', label: t(theirs ? 'chat.later_monday_there' : 'chat.later_monday'), at: nextAt(now, zone, toMonday, morning) });
	return list;
}

/** When a conversation may come back: always later than now, and each time once. */
export function presets(now: number, zone: string | undefined): Preset[] {
	const { weekday, hour: here } = wallTime(now, zone);
	const toMonday = ((8 - weekday) % 7) || 7;
	const list: Preset[] = [{ key: 'hours', label: t('chat.snooze_hours'), at: now + 3 * hour }];
	if (here < 17) list.push({ key: 'evening', label: t('chat.snooze_evening'), at: nextAt(now, zone, 0, 18) });
	list.push({ key: 'tomorrow', label: t('chat.snooze_tomorrow'), at: nextAt(now, zone, 1, morning) });
	if (toMonday > 1) list.push({ key: 'monday', label: t('chat.snooze_monday'), at: nextAt(now, zone, toMonday, morning) });
	list.push({ key: 'week', label: t('chat.snooze_week'), at: nextAt(now, zone, 7, morning) });
	return list.filter((one, i) => list.findIndex((other) => other.at === one.at) === i);
}
