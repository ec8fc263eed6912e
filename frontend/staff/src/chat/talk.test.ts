import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Toasts } from '$kit/ui/toast/toasts.svelte';
import { fakeApi, Refusal } from '$staff/testing';
import { standing } from './standing';
import { Talk } from './talk.svelte';
import { memory, message, note, whole } from './testing';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const path = '/chat/conversations/cv_ana';
const page = (messages = [message(1), message(2, '')], notes = [note('n1', 1)]) => ({ items: messages, notes, last_seq: messages.length, rev: messages.length, more: false });

async function make(answers: Parameters<typeof fakeApi>[0] = {}, is = whole('cv_ana')) {
	const fake = fakeApi({ [`GET ${path}`]: () => is, [`GET ${path}/messages`]: page(), [`GET ${path}/scheduled`]: { items: [] }, ...answers });
	const toasts = new Toasts();
	const talk = new Talk('cv_ana', fake.api, toasts, memory());
	await talk.load();
	return { talk, toasts, ...fake };
}
const notes = (talk: Talk) => talk.notes.map(({ text }) => text);

describe('a conversation', () => {
	it('has its people, messages and notes, and where reading goes on', async () => {
		const { talk } = await make();
		expect([talk.whole?.title, talk.thread.messages.length, notes(talk), talk.readBefore]).toEqual(['cv_ana', 2, ['n1'], 0]);
	});
	it('says why it cannot be shown', async () => {
		const { talk } = await make({ [`GET ${path}`]: new Refusal(404) });
		expect(talk.error?.status).toBe(404);
	});
	it('takes what is pushed, and asks again when something may be missing', async () => {
		const { talk, calls } = await make();
		talk.received({ conversation_id: 'cv_ana', rev: 3, message: message(3) });
		talk.noted({ conversation_id: 'cv_ana', note: note('n1', 1, { text: 'better' }) });
		talk.present({ who: 'ct_ana', online: true });
		expect([talk.thread.lastSeq, notes(talk), talk.whole?.contact?.online, talk.whole?.members[0]?.online]).toEqual([3, ['better'], true, true]);
		talk.received(undefined);
		await vi.advanceTimersByTimeAsync(0);
		expect(calls('GET', `${path}/messages`).at(-1)?.query.get('changes')).toBe('3');
		talk.stop();
	});
	it('knows at once whose turn it is', async () => {
		const { talk } = await make({}, whole('cv_ana', { state: 'snoozed', snoozed_until: '2030-01-01T00:00:00Z', last_seq: 2 }));
		const said = (seq: number, by?: string) => talk.received({ conversation_id: 'cv_ana', rev: seq, message: message(seq, by) });
		said(2);
		expect(talk.whole?.state).toBe('snoozed');
		said(3);
		expect([talk.whole?.state, talk.whole?.snoozed_until]).toEqual(['waiting', null]);
		said(4, '');
		expect(talk.whole?.state).toBe('done');
		talk.stop();
	});
	it('tells that staff have seen it, once', async () => {
		const { talk, calls } = await make({ [`POST ${path}/marks`]: null, [`GET ${path}/messages`]: page([message(1, ''), message(2)]) });
		talk.seen();
		talk.seen();
		await vi.advanceTimersByTimeAsync(0);
		expect(calls('POST', `${path}/marks`).map(({ body }) => body)).toEqual([{ read: 2, delivered: 2 }]);
	});
});

describe('how far a message of ours has come', () => {
	const ours = message(2, '');
	const row = { key: 'k', message: ours };
	it('says that no device has it yet, then more', async () => {
		const { talk } = await make();
		expect(standing(talk, row)).toEqual({ key: 'saved', label: 'chat.not_delivered' });
		talk.marked({ conversation_id: 'cv_ana', who: 'ct_ana', delivered: 2 });
		expect(standing(talk, row)?.key).toBe('delivered');
		talk.marked({ conversation_id: 'cv_ana', who: 'ct_ana', read: 2 });
		expect(standing(talk, row)?.key).toBe('read');
	});
	it('counts in a group, and only who is in it', async () => {
		const members = ['ct_1', 'ct_2'].map((contact_id) => ({ contact_id, name: contact_id, photo_url: null, time_zone: '', online: false }));
		const { talk } = await make({}, whole('cv_ana', { kind: 'group', contact: null, members, member_count: 2, marks: [{ who: 'ct_1', read: 2, delivered: 2 }, { who: 'ct_gone', read: 2, delivered: 2 }] }));
		expect([talk.reach(ours), standing(talk, row)?.label]).toEqual([{ read: 1, delivered: 1, of: 2 }, 'chat.read_by']);
		talk.marked({ conversation_id: 'cv_ana', who: 'ct_2', read: 2 });
		expect(standing(talk, row)).toEqual({ key: 'read', label: 'chat.read_by_all' });
	});
	it('is told by the server for the last message where there are many', async () => {
		const { talk } = await make({}, whole('cv_ana', { kind: 'broadcast', contact: null, member_count: 900, last_seq: 2, read_by: 400, delivered_to: 600 }));
		expect([talk.reach(ours), talk.reach(message(1, ''))]).toEqual([{ read: 400, delivered: 600, of: 900 }, { read: 0, delivered: 0, of: 900 }]);
	});
	it('is nothing while it waits for a connection', async () => {
		const { talk } = await make();
		const out = { client_msg_id: 'x', text: 'x', created_at: '', state: 'waiting' as const };
		expect([standing(talk, { key: 'x', outgoing: out })?.key, standing(talk, { key: 'x', outgoing: { ...out, state: 'failed' } })]).toEqual(['waiting', undefined]);
	});
});

describe('what is written', () => {
	it('goes to the client with what it answers', async () => {
		const { talk, calls } = await make({ [`POST ${path}/messages`]: (sent: { body: { client_msg_id: string } }) => message(3, '', { client_msg_id: sent.body.client_msg_id }) } as never);
		talk.draft.answer(message(1));
		await talk.submit('yes');
		await vi.advanceTimersByTimeAsync(0);
		expect(calls('POST', `${path}/messages`)[0]?.body).toMatchObject({ text: 'yes', reply_to: 'ms_1' });
		expect([talk.thread.lastSeq, talk.draft.reply]).toEqual([3, undefined]);
	});
	it('as a note goes nowhere near the messages', async () => {
		const { talk, sent } = await make({ [`POST ${path}/notes`]: note('n2', 2) });
		talk.draft.write('note');
		const saving = talk.submit('n2');
		expect(notes(talk)).toEqual(['n1', 'n2']);
		await saving;
		expect(notes(talk)).toEqual(['n1', 'n2']);
		expect(sent.filter(({ method }) => method === 'POST').map((one) => one.path)).toEqual([`${path}/notes`]);
	});
	it('as a note is there once, also when it is pushed before it is answered', async () => {
		const { talk } = await make({ [`POST ${path}/notes`]: note('n2', 2) });
		talk.draft.write('note');
		const saving = talk.submit('n2');
		talk.noted({ conversation_id: 'cv_ana', note: note('n2', 2) });
		expect(notes(talk)).toEqual(['n1', 'n2']);
		await saving;
		expect(notes(talk)).toEqual(['n1', 'n2']);
	});
	it('as a note comes back into the field when it was refused', async () => {
		const { talk, toasts } = await make({ [`POST ${path}/notes`]: new Refusal(422, { detail: 'Too long.' }) });
		talk.draft.write('note');
		await talk.submit('n2');
		expect([notes(talk), talk.draft.text, toasts.items[0]?.text]).toEqual([['n1'], 'n2', 'Too long.']);
	});
	it('changes a note or a message in its place', async () => {
		const { talk, calls } = await make({ [`PATCH ${path}/notes/n1`]: note('n1', 1, { text: 'new' }), [`PATCH ${path}/messages/ms_2`]: message(2, '', { text: 'better', rev: 3 }) });
		talk.draft.edit({ kind: 'note', note: talk.notes[0]! });
		await talk.submit('new');
		talk.draft.edit({ kind: 'message', message: message(2, '') });
		await talk.submit('better');
		expect([notes(talk), talk.thread.messages.at(-1)?.text]).toEqual([['new'], 'better']);
		talk.draft.edit({ kind: 'message', message: message(2, '') });
		await talk.submit('text 2');
		expect(calls('PATCH', `${path}/messages/ms_2`)).toHaveLength(1);
	});
	it('is back in the field, to be changed again, when the change was refused', async () => {
		const { talk } = await make({ [`PATCH ${path}/notes/n1`]: new Refusal(409, { detail: 'Gone.' }) });
		talk.draft.edit({ kind: 'note', note: talk.notes[0]! });
		await talk.submit('new');
		expect([notes(talk), talk.draft.editing?.kind, talk.draft.text]).toEqual([['n1'], 'note', 'new']);
	});
	it('deletes a note at once, and it is back when that was refused', async () => {
		const { talk } = await make({ [`DELETE ${path}/notes/n1`]: new Refusal(500) });
		const going = talk.removeNote(talk.notes[0]!);
		expect(talk.notes[0]?.deleted_at).not.toBeNull();
		await going;
		expect([talk.notes[0]?.deleted_at, notes(talk)]).toEqual([null, ['n1']]);
	});
});

describe('a group', () => {
	const group = whole('cv_ana', { kind: 'group', title: 'Garden', contact: null, member_count: 2, members: ['ct_1', 'ct_2'].map((contact_id) => ({ contact_id, name: contact_id, photo_url: null, time_zone: '', online: false })) });
	it('is renamed at once, and as it was when that was refused', async () => {
		const { talk } = await make({ [`PATCH ${path}`]: new Refusal(422, { errors: [{ field: 'title', code: 'x', message: 'Too long.' }] }) }, group);
		const renaming = talk.rename('Park');
		expect(talk.whole?.title).toBe('Park');
		expect([await renaming, talk.whole?.title]).toEqual([false, 'Garden']);
	});
	it('loses somebody, who can be taken back', async () => {
		const without = { ...group, member_count: 1, members: group.members.slice(0, 1) };
		const { talk, toasts, calls } = await make({ [`DELETE ${path}/members/ct_2`]: without, [`POST ${path}/members`]: group }, group);
		await talk.removeMember('ct_2', 'Jonas');
		expect(talk.whole?.member_count).toBe(1);
		await toasts.undoLast();
		expect([talk.whole?.member_count, calls('POST', `${path}/members`)[0]?.body]).toEqual([2, { contact_ids: ['ct_2'] }]);
	});
});
