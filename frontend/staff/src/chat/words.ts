import type { Conversation, Message } from '$kit/api/types/staff';
import { i18n } from '$kit/i18n/catalogue.svelte';
import { formatDate, formatRelative, formatTime } from '$kit/i18n/format';
import { t } from '$staff/i18n';
import { wallTime } from './zone';

/** Who wrote, as staff see it. */
export function authorName(author: Message['author']): string {
	if (author.name) return author.name;
	return author.kind === 'staff' ? t('chat.you') : t('chat.somebody');
}

/** The line under a name in the list. */
export function excerptOf(conversation: Conversation): string {
	const last = conversation.last_message;
	if (!last) return t('chat.nothing_yet');
	const files = last.attachments[0]?.name ?? '';
	const text = last.deleted_at ? t('chat.deleted') : last.text.replace(/\s+/g, ' ').slice(0, 160) || files;
	if (last.author.kind === 'staff') return t('chat.you_said', { text });
	return conversation.kind === 'direct' ? text : t('chat.name_said', { name: authorName(last.author), text });
}

/** "Today", "Yesterday", then the date. */
export function dayName(at: string, now: number, zone: string | undefined): string {
	const days = (ms: number) => {
		const { year, month, day } = wallTime(ms, zone);
		return Date.UTC(year, month - 1, day) / 86_400_000;
	};
	const ago = days(now) - days(new Date(at).getTime());
	if (ago === 0) return t('chat.today');
	if (ago === 1) return t('chat.yesterday');
	return formatDate(at);
}

/** Short, for the end of a line: the time today, then how long ago. */
export function shortWhen(at: string, now: number, zone: string | undefined): string {
	return dayName(at, now, zone) === t('chat.today') ? formatTime(at) : formatRelative(at, now);
}

/** A time to come, by day and hour: "09:00" today, else "Tue, 1 Dec, 09:00". */
export function comingWhen(at: string, now: number, zone: string | undefined): string {
	if (dayName(at, now, zone) === t('chat.today')) return formatTime(at);
	return new Intl.DateTimeFormat(i18n.tag, { timeZone: zone, weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }).format(new Date(at));
}

/** What clocks show where a client is, when that is somewhere else. */
export function theirTime(zone: string, ours: string | undefined, now: number): string | undefined {
	if (!zone) return undefined;
	const [there, here] = [wallTime(now, zone), wallTime(now, ours)];
	if (there.hour === here.hour && there.minute === here.minute && there.day === here.day) return undefined;
	const two = (n: number) => String(n).padStart(2, '0');
	const place = zone.split('/').at(-1)!.replaceAll('_', ' ');
	return t('chat.their_time', { time: `${two(there.hour)}:${two(there.minute)}`, place });
}
