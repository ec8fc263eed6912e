import { describe, expect, it } from 'vitest';
import type { Message } from '$kit/api/types/staff';
import type { Outgoing } from '$kit/thread/types';
import { message, note } from './testing';
import { timeline, type Entry } from './timeline';

const rows = (...list: Message[]) => list.map((one) => ({ key: one.id, message: one }));
const show = (entries: Entry[]) => entries.map((entry) => (entry.kind === 'message' ? `${entry.first ? '' : '+'}${entry.row.message?.seq ?? entry.row.outgoing?.text}${entry.last ? '' : '+'}` : entry.kind === 'note' ? entry.note.id : entry.kind));
const given = { notes: [], hasOlder: false, zone: 'UTC' };

describe('a conversation', () => {
	it('puts together what one person writes in a row', () => {
		expect(show(timeline({ ...given, rows: rows(message(1), message(2), message(3, ''), message(4, ''), message(20, '')) }))).toEqual(['day', '1+', '+2', '3+', '+4', '20']);
	});
	it('keeps two people of the business apart, and what is on its way with ours', () => {
		const outgoing: Outgoing<Message> = { client_msg_id: 'x', text: 'new', created_at: message(3).created_at, state: 'sending' };
		const other = message(1, '', { author: { kind: 'staff', contact_id: null, name: 'Otto' } });
		expect(show(timeline({ ...given, rows: [...rows(other, message(2, '')), { key: 'x', outgoing }] }))).toEqual(['day', '1', '2+', '+new']);
	});
	it('begins a day where the clock of the person says so', () => {
		const late = message(1, 'ct_ana', { created_at: '2026-01-07T22:59:00Z' });
		const later = message(2, 'ct_ana', { created_at: '2026-01-07T23:01:00Z' });
		expect(show(timeline({ ...given, rows: rows(late, later), zone: 'Europe/Berlin' }))).toEqual(['day', '1', 'day', '2']);
		expect(show(timeline({ ...given, rows: rows(late, later) }))).toEqual(['day', '1+', '+2']);
	});
	it('has notes behind the message that they stand behind', () => {
		const notes = [note('b', 1, { created_at: message(2).created_at }), note('a', 1), note('first', 0), note('last', 9)];
		expect(show(timeline({ ...given, rows: rows(message(1), message(2)), notes }))).toEqual(['day', 'first', '1', 'a', 'b', '2', 'last']);
	});
	it('keeps notes back that belong to messages further up', () => {
		expect(show(timeline({ ...given, rows: rows(message(5)), notes: [note('far', 3), note('near', 5)], hasOlder: true }))).toEqual(['day', '5', 'near']);
	});
	it('has notes even when nothing was said', () => {
		expect(show(timeline({ ...given, rows: [], notes: [note('alone', 0)] }))).toEqual(['day', 'alone']);
	});
	it('draws a line before the first that was not read, unless it is ours', () => {
		expect(show(timeline({ ...given, rows: rows(message(1), message(2, ''), message(3)), readBefore: 1 }))).toEqual(['day', '1', '2', 'unread', '3']);
		expect(show(timeline({ ...given, rows: rows(message(1)), readBefore: 1 }))).toEqual(['day', '1']);
	});
});
