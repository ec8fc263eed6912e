import { expect, it } from 'vitest';
import type { Row } from '$kit/thread/thread.svelte';
import type { ChatMessage } from './api';
import { firstEmoji } from './emoji';
import { linesOf } from './lines';

const message = (seq: number, who: string, at: string): Row<ChatMessage> => ({
	key: `ms_${seq}`,
	message: { id: `ms_${seq}`, conversation_id: 'cv_1', seq, rev: seq, client_msg_id: `${seq}`, author: { kind: who === 'staff' ? 'staff' : 'client', contact_id: who === 'staff' ? null : who, name: '' }, text: 'x', html: '', reactions: [], reply_to: null, attachments: [], attachment_count: 0, created_at: at, edited_at: null, deleted_at: null },
});
const dayOf = (at: string) => at.slice(0, 10);
const told = (rows: Row<ChatMessage>[], newSince?: number) => linesOf(rows, 'ct_me', newSince, dayOf).map(({ day, fresh, own, follows, leads }) => [day && 'day', fresh && 'new', own && 'own', follows && 'follows', leads && 'leads'].filter(Boolean).join(' '));

it('groups what one person writes in a row, and begins anew with a day, a pause or another person', () => {
	const rows = [
		message(1, 'staff', '2026-01-01T23:57:00Z'),
		message(2, 'staff', '2026-01-01T23:59:00Z'),
		message(3, 'staff', '2026-01-02T00:01:00Z'),
		message(4, 'ct_me', '2026-01-02T00:02:00Z'),
		message(5, 'ct_me', '2026-01-02T00:10:00Z'),
		{ key: 'a', outgoing: { client_msg_id: 'a', text: 'x', created_at: '2026-01-02T00:11:00Z', state: 'waiting' } } as Row<ChatMessage>,
	];
	expect(told(rows)).toEqual(['day leads', 'follows', 'day', 'own', 'own leads', 'own follows']);
});

it('marks once where what is new begins, and never above one’s own', () => {
	const rows = [message(1, 'staff', '2026-01-01T10:00:00Z'), message(2, 'ct_me', '2026-01-01T10:01:00Z'), message(3, 'staff', '2026-01-01T10:02:00Z'), message(4, 'staff', '2026-01-01T10:03:00Z')];
	expect(told(rows, 1)).toEqual(['day', 'own', 'new leads', 'follows']);
	expect(told(rows, 4).join()).not.toContain('new');
	expect(told(rows, undefined).join()).not.toContain('new');
});

it.each([
	['👍', '👍'],
	['👍🏽 yes', '👍🏽'],
	['👨‍👩‍👧', '👨‍👩‍👧'],
	['🇩🇪', '🇩🇪'],
	['a', undefined],
	['7', undefined],
	['', undefined],
])('the first emoji of %j is %j', (text, emoji) => expect(firstEmoji(text)).toBe(emoji));
