import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Frame, Listener } from '$kit/live/live';
import { Toasts } from '$kit/ui/toast/toasts.svelte';
import { fakeApi, Refusal } from '$staff/testing';
import { NewConversation } from './beginning.svelte';
import { Chat } from './chat.svelte';
import { Inbox } from './inbox.svelte';
import { news } from './news';
import { conversation, memory, message, note, whole } from './testing';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function make(answers: Parameters<typeof fakeApi>[0] = {}, store = memory()) {
	const fake = fakeApi({
		'GET /chat/conversations': { items: [conversation('cv_ana')], next_cursor: null },
		'GET /chat/counts': { waiting: 1, unread: 1 },
		'GET /chat/conversations/cv_ana': whole('cv_ana'),
		'GET /chat/conversations/cv_ana/messages': { items: [message(1)], notes: [], last_seq: 1, rev: 1, more: false },
		...answers,
	});
	const toasts = new Toasts();
	const told = vi.fn();
	const inbox = new Inbox(fake.api, toasts);
	const chat = new Chat(fake.api, inbox, toasts, store, told);
	const listeners = new Map<string, Listener>();
	const live = { on: (topic: string, listener: Listener) => (listeners.set(topic, listener), () => listeners.delete(topic)) };
	const push = (topic: string, frame: object = {}) => listeners.get(topic)?.({ topic, ...frame } as Frame);
	return { chat, inbox, toasts, told, live, listeners, push, store, ...fake };
}
const settle = () => vi.advanceTimersByTimeAsync(0);

describe('the chat of this window', () => {
	it('gives what is pushed to the conversation that it is for', async () => {
		const { chat, live, push, told } = make();
		chat.start(live);
		const [ana, other] = [chat.talk('cv_ana'), chat.talk('cv_other')];
		await settle();
		push('chat.message', { conversation_id: 'cv_ana', rev: 2, message: message(2) });
		push('chat.note', { conversation_id: 'cv_ana', note: note('n', 2) });
		push('chat.typing', { conversation_id: 'cv_ana', who: 'ct_ana', name: 'Ana' });
		expect([ana.thread.lastSeq, ana.notes.length, ana.thread.marks.typing.length, other.notes.length]).toEqual([2, 1, 1, 0]);
		push('chat.marks', { conversation_id: 'cv_ana', who: 'staff', read: 2 });
		expect([ana.thread.marks.own.read, told.mock.calls.length]).toEqual([2, 1]);
	});
	it('tells news of clients only, and only what is new', async () => {
		const { chat, live, push, told } = make();
		chat.start(live);
		const said = (change: object, by?: string) => push('chat.message', { conversation_id: 'cv_ana', rev: 2, message: message(2, by, change) });
		said({}, '');
		said({ edited_at: 'now' });
		said({ deleted_at: 'now' });
		said({ reactions: [{ emoji: '👍', by: ['staff'] }] });
		expect(told).not.toHaveBeenCalled();
		said({});
		expect(told).toHaveBeenCalledOnce();
	});
	it('asks everything again after a gap', async () => {
		const { chat, live, push, calls } = make();
		chat.start(live);
		chat.talk('cv_ana');
		await settle();
		push('chat.message');
		push('chat.conversation');
		await vi.advanceTimersByTimeAsync(200);
		expect(calls('GET', '/chat/conversations/cv_ana/messages').length).toBe(2);
		expect(calls('GET', '/chat/conversations/cv_ana').length).toBeGreaterThan(1);
	});
	it('hears nothing any more when it was stopped', () => {
		const { chat, live, listeners } = make();
		chat.start(live)();
		expect(listeners.size).toBe(0);
	});
	it('keeps the conversations seen last, the open one, and those with something on its way', async () => {
		const { chat } = make();
		const first = chat.talk('cv_ana');
		chat.open = 'cv_ana';
		const waits = chat.talk('cv_0');
		waits.thread.send('on its way');
		const gone = chat.talk('cv_1');
		for (let i = 2; i < 30; i += 1) chat.talk(`cv_${i}`);
		expect([chat.talk('cv_ana') === first, chat.talk('cv_0') === waits, chat.talk('cv_1') === gone]).toEqual([true, true, false]);
	});
	it('sends after a restart what was left over', async () => {
		const store = memory();
		const before = make({}, store);
		before.chat.talk('cv_ana').thread.send('left over');
		await settle();
		const sent: unknown[] = [];
		const after = make({ 'POST /chat/conversations/cv_ana/messages': ({ body }: { body: unknown }) => (sent.push(body), message(2, '', { client_msg_id: (body as { client_msg_id: string }).client_msg_id })) }, store);
		after.chat.start(after.live);
		await settle();
		expect(sent).toMatchObject([{ text: 'left over' }]);
		expect(store.getItem('portico.chat.outgoing')).toBe('{}');
	});
	it('opens the conversation with a contact, or says why not', async () => {
		const { chat, calls } = make({ 'POST /chat/conversations': whole('cv_ana') });
		expect(await chat.with('ct_ana')).toBe('cv_ana');
		expect(calls('POST', '/chat/conversations')[0]?.body).toEqual({ kind: 'direct', contact_ids: ['ct_ana'] });
		const bad = make({ 'POST /chat/conversations': new Refusal(404, { detail: 'Gone.' }) });
		expect([await bad.chat.with('ct_ana'), bad.toasts.items[0]?.text]).toEqual([undefined, 'Gone.']);
	});
});

describe('a new conversation', () => {
	const begin = (answers: Parameters<typeof fakeApi>[0], kind: 'direct' | 'group' | 'broadcast', ids: string[]) => {
		const { chat, api, calls } = make({ 'POST /chat/conversations': whole('cv_new'), ...answers });
		return { begun: new NewConversation(api, chat, { kind, contacts: ids.map((id) => ({ id, name: id })) }), calls };
	};
	it('of several needs a title and somebody', async () => {
		const { begun, calls } = begin({}, 'group', []);
		begun.title = 'Garden';
		expect(begun.ready).toBe(false);
		begun.contacts = ['ct_1', 'ct_2'];
		expect([begun.ready, begun.count]).toEqual([true, 2]);
		expect(await begun.begin()).toBe('cv_new');
		expect(calls('POST', '/chat/conversations')[0]?.body).toEqual({ kind: 'group', title: 'Garden', contact_ids: ['ct_1', 'ct_2'] });
	});
	it('to a tag says to how many before it begins', async () => {
		const { begun, calls } = begin({ 'GET /contacts/count': { count: 2 } }, 'broadcast', ['ct_1']);
		begun.title = 'Hours';
		const choosing = begun.chooseTag('vip');
		expect([begun.count, begun.ready]).toEqual([undefined, false]);
		await choosing;
		expect([begun.count, begun.ready]).toEqual([2, true]);
		await begun.begin();
		expect(calls('POST', '/chat/conversations')[0]?.body).toEqual({ kind: 'broadcast', title: 'Hours', tag: 'vip' });
	});
	it('to too many does not begin', async () => {
		const { begun } = begin({ 'GET /contacts/count': { count: 5001 } }, 'broadcast', []);
		begun.title = 'Hours';
		await begun.chooseTag('all');
		expect([begun.tooMany, begun.ready]).toEqual([true, false]);
	});
	it('says what was refused', async () => {
		const { begun } = begin({ 'POST /chat/conversations': new Refusal(422, { detail: 'No.' }) }, 'direct', ['ct_1']);
		expect([await begun.begin(), begun.error?.message, begun.busy]).toEqual([undefined, 'No.', false]);
	});
});

describe('news', () => {
	const tell = (looking: boolean, shows: boolean, change: object = {}, quiet = false) => {
		const around = { notices: { about: vi.fn(async () => {}) }, toasts: { show: vi.fn(() => 1) }, looking: () => looking, quiet: () => quiet, shows: () => shows, titleOf: () => 'ana', href: (id: string) => `/chat/${id}`, open: vi.fn() };
		news(around)({ conversation_id: 'cv_ana', rev: 1, message: message(1, 'ct_ana', change) });
		return around;
	};
	it('goes outside while nobody looks, with where it leads', () => {
		const { notices, toasts } = tell(false, true);
		expect(notices.about).toHaveBeenCalledWith('ana', 'text 1', '/chat/cv_ana');
		expect(toasts.show).not.toHaveBeenCalled();
	});
	it('stays away in quiet hours', () => {
		const { notices, toasts } = tell(false, false, {}, true);
		expect([notices.about.mock.calls.length, toasts.show.mock.calls.length]).toEqual([0, 0]);
	});
	it('stays inside while something else is looked at', () => {
		const { notices, toasts, open } = tell(true, false);
		expect(notices.about).not.toHaveBeenCalled();
		const [options] = toasts.show.mock.calls[0] as unknown as [{ text: string; action: { run(): void } }];
		expect(options.text).toBe('ana: text 1');
		options.action.run();
		expect(open).toHaveBeenCalledWith('/chat/cv_ana');
	});
	it('is no news to who looks at the conversation', () => {
		const { notices, toasts } = tell(true, true);
		expect([notices.about.mock.calls.length, toasts.show.mock.calls.length]).toEqual([0, 0]);
	});
	it('is short, and one line', () => {
		const { notices } = tell(false, false, { text: `first\n${'long '.repeat(80)}` });
		const [, text] = notices.about.mock.calls[0] as unknown as string[];
		expect([text!.length, text!.includes('\n')]).toEqual([140, false]);
	});
});
