import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '$kit/api/errors';
import type { Listener } from '$kit/live/live';
import type { Ask, Mark } from '$kit/thread/types';
import type { ChatApi, ChatMessage, Conversation } from './api';
import { Chat } from './chat.svelte';
import { Inbox } from './inbox.svelte';
import { ChatStore } from './store';

const me = 'ct_1';
const settle = () => vi.advanceTimersByTimeAsync(0);

function message(seq: number, contact: string | null = null, more: Partial<ChatMessage> = {}): ChatMessage {
	return { id: `ms_${seq}`, conversation_id: 'cv_1', seq, rev: seq, client_msg_id: `m${seq}`, author: { kind: contact ? 'client' : 'staff', contact_id: contact, name: contact ? 'Ana' : '' }, text: `text ${seq}`, html: '', reactions: [], reply_to: null, attachments: [], attachment_count: 0, created_at: '2026-01-01T10:00:00Z', edited_at: null, deleted_at: null, ...more };
}

function conversation(id: string, lastSeq: number, unread: number): Conversation {
	return { id, kind: 'direct', title: '', last_seq: lastSeq, rev: lastSeq, last_at: '2026-01-01T10:00:00Z', unread, read: lastSeq - unread, may_write: true, last_message: null };
}

function world() {
	const marks: [string, Mark][] = [];
	const asked: Ask[] = [];
	const state = { messages: [message(1), message(2, me)], offline: false };
	const reach = <Answer>(answer: Answer) => (state.offline ? Promise.reject(new ApiError({ code: 'offline' }, 0)) : Promise.resolve(answer));
	const api: ChatApi = {
		conversations: vi.fn(() => reach([conversation('cv_1', 2, 0), conversation('cv_2', 4, 3)])),
		conversation: (id) => reach({ ...conversation(id, 2, 0), members: [], marks: [{ who: 'staff', read: 2, delivered: 2 }] }),
		messages: (_, ask) => (asked.push(ask), reach({ items: state.messages.filter(({ rev }) => rev > (ask.changes ?? 0)), last_seq: state.messages.length, rev: state.messages.length, more: false })),
		send: vi.fn<ChatApi['send']>((_, { client_msg_id, text }) => reach(message(state.messages.length + 1, me, { client_msg_id, text })).then((sent) => (state.messages.push(sent), sent))),
		edit: () => Promise.reject(new ApiError({ detail: 'Not yours.' }, 403)),
		remove: () => reach(message(2, me)),
		react: () => reach(message(2, me)),
		mark: (id, mark) => reach(void marks.push([id, mark])),
		type: () => {},
		availability: () => reach({ open: false, online: false, away_message: 'Back on Monday.', answer_time: 'We usually answer within a day', opens_at: null }),
		preferences: () => Promise.reject(new Error('none')),
		prefer: () => Promise.reject(new Error('none')),
		files: { begin: () => Promise.reject(new Error('none')), at: () => Promise.reject(new Error('none')), put: () => Promise.reject(new Error('none')), cancel: async () => {} },
	};
	const listeners = new Map<string, Listener>();
	const live = { on: (topic: string, listener: Listener) => (listeners.set(topic, listener), () => true) };
	const inbox = new Inbox(api, () => me);
	const chat = new Chat({ api, inbox, live, me, store: new ChatStore(me, undefined) });
	const hear = (frame: { topic: string }) => {
		inbox.hear(frame);
		listeners.get(frame.topic)?.(frame);
	};
	return { api, asked, marks, state, inbox, chat, hear };
}

beforeEach(() => {
	vi.useFakeTimers();
	vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => {}, removeItem: () => {} });
});
afterEach(() => void vi.useRealTimers());

describe('the inbox', () => {
	it('counts what is new and says what is on this device', async () => {
		const { inbox, marks } = world();
		await inbox.load();
		expect([inbox.unread, marks]).toEqual([3, [['cv_2', { read: 0, delivered: 4 }]]]);
	});
	it('moves a conversation up when something comes, without asking', async () => {
		const { api, inbox } = world();
		await inbox.load();
		inbox.hear({ topic: 'chat.message', conversation_id: 'cv_2', message: message(5) } as never);
		expect([inbox.items?.map(({ id }) => id), inbox.unread, inbox.items?.[0]?.last_message?.text, api.conversations]).toEqual([['cv_2', 'cv_1'], 4, 'text 5', expect.objectContaining({ mock: expect.objectContaining({ calls: [[]] }) })]);
	});
	it('shows the change of a last message, and counts one’s own as read', async () => {
		const { inbox } = world();
		await inbox.load();
		inbox.hear({ topic: 'chat.message', conversation_id: 'cv_2', message: message(5, me) } as never);
		expect(inbox.unread).toBe(0);
		inbox.hear({ topic: 'chat.message', conversation_id: 'cv_2', message: message(5, me, { rev: 6, text: 'better' }) } as never);
		expect([inbox.items?.[0]?.last_message?.text, inbox.items?.[0]?.last_seq]).toEqual(['better', 5]);
	});
	it('asks once about many frames that it cannot answer itself', async () => {
		const { api, inbox } = world();
		await inbox.load();
		for (const topic of ['chat.conversation', 'chat.marks', 'resync']) inbox.hear({ topic });
		inbox.hear({ topic: 'chat.message', conversation_id: 'cv_9', message: message(1) } as never);
		await vi.advanceTimersByTimeAsync(1_000);
		expect(api.conversations).toHaveBeenCalledTimes(2);
	});
	it('keeps what it has when the server is away', async () => {
		const { inbox, state } = world();
		inbox.adopt([conversation('cv_1', 2, 1)]);
		state.offline = true;
		await inbox.load();
		expect([inbox.items?.length, inbox.error?.offline]).toEqual([1, true]);
	});
});

describe('a conversation', () => {
	const opened = async () => {
		const made = world();
		await made.inbox.load();
		const talk = made.chat.talk('cv_1');
		await talk.open();
		await settle();
		return { ...made, talk };
	};
	it('shows what there is and how far others have read', async () => {
		const { talk } = await opened();
		expect([talk.thread.messages.length, talk.thread.marks.reached(2).read, talk.newSince]).toEqual([2, ['staff'], 2]);
	});
	it('hears messages, marks and who writes', async () => {
		const { talk, hear } = await opened();
		hear({ topic: 'chat.typing', conversation_id: 'cv_1', who: 'staff', name: 'Hanna' } as never);
		await settle();
		expect(talk.thread.marks.typing).toEqual([{ who: 'staff', name: 'Hanna' }]);
		hear({ topic: 'chat.message', conversation_id: 'cv_1', message: message(3) } as never);
		hear({ topic: 'chat.marks', conversation_id: 'cv_1', who: 'staff', read: 3, delivered: 3 } as never);
		await settle();
		expect([talk.thread.lastSeq, talk.arrived?.seq, talk.thread.marks.typing, talk.thread.marks.reached(3).read]).toEqual([3, 3, [], ['staff']]);
	});
	it('does not announce one’s own, nor what was there', async () => {
		const { talk, hear } = await opened();
		hear({ topic: 'chat.message', conversation_id: 'cv_1', message: message(3, me) } as never);
		hear({ topic: 'chat.message', conversation_id: 'cv_1', message: message(1, null, { rev: 4 }) } as never);
		await settle();
		expect(talk.arrived).toBeUndefined();
	});
	it.each(['chat.message', 'resync', 'live.opened'])('asks what it missed at %s', async (topic) => {
		const { talk, hear, state } = await opened();
		state.messages.push(message(3));
		hear({ topic });
		await settle();
		expect(talk.thread.lastSeq).toBe(3);
	});
	it('is read on the badge at once, and the server is told', async () => {
		const { inbox, chat, marks } = world();
		await inbox.load();
		const talk = chat.talk('cv_2');
		await talk.open();
		talk.read(4);
		await settle();
		expect([inbox.unread, marks.at(-1)]).toEqual([0, ['cv_2', { read: 4, delivered: 4 }]]);
	});
	it('sends an answer with what it answers', async () => {
		const { talk, api } = await opened();
		talk.replying = talk.thread.messages[0];
		talk.send('yes');
		expect(talk.thread.rows.at(-1)?.outgoing?.quote).toMatchObject({ seq: 1, excerpt: 'text 1' });
		await settle();
		expect(talk.replying).toBeUndefined();
		expect(api.send).toHaveBeenCalledExactlyOnceWith('cv_1', expect.objectContaining({ text: 'yes', reply_to: 'ms_1' }));
	});
	it('gives a change back to who made it when it was refused', async () => {
		const { talk } = await opened();
		talk.editing = talk.thread.messages[1];
		talk.send('better');
		expect(talk.thread.messages[1]?.text).toBe('better');
		await settle();
		expect([talk.thread.messages[1]?.text, talk.problem?.message, talk.editing?.text]).toEqual(['text 2', 'Not yours.', 'better']);
	});
	it('waits without a connection, and goes out with it', async () => {
		const { talk, chat, state } = await opened();
		state.offline = true;
		talk.send('later');
		await settle();
		expect(talk.thread.rows.at(-1)?.outgoing?.state).toBe('waiting');
		state.offline = false;
		chat.resume();
		await settle();
		expect([talk.thread.rows.at(-1)?.message?.text, state.messages.length]).toEqual(['later', 3]);
	});
	it('is made ready for when there is no connection', async () => {
		const { inbox, chat, asked } = world();
		await inbox.load();
		await chat.prepare();
		await chat.prepare();
		expect(asked.length).toBe(2);
	});
});

it('asks when one may expect an answer, and again after a gap', async () => {
	const { chat, state, hear } = world();
	await chat.lookWhoIsThere();
	expect([chat.availability?.away_message, chat.businessHere]).toEqual(['Back on Monday.', false]);
	state.offline = true;
	hear({ topic: 'chat.presence' });
	await chat.lookWhoIsThere();
	expect([chat.availability?.open, chat.businessHere]).toEqual([false, undefined]);
});

it('knows whether the business is there until a gap', async () => {
	const { chat, hear } = world();
	hear({ topic: 'chat.presence', who: 'staff', online: true } as never);
	expect(chat.businessHere).toBe(true);
	hear({ topic: 'chat.presence', who: 'ct_2', online: false } as never);
	expect(chat.businessHere).toBe(true);
	hear({ topic: 'chat.presence' });
	expect(chat.businessHere).toBeUndefined();
});
