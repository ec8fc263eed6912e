import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Toasts } from '$kit/ui/toast/toasts.svelte';
import { fakeApi, Refusal } from '$staff/testing';
import { Inbox } from './inbox.svelte';
import { conversation, message } from './testing';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const list = 'GET /chat/conversations';
const counts = { 'GET /chat/counts': { waiting: 3, unread: 2 } };

async function make(answers: Parameters<typeof fakeApi>[0] = {}, items = [conversation('cv_1'), conversation('cv_2'), conversation('cv_3')]) {
	const fake = fakeApi({ [list]: () => ({ items, next_cursor: null }), ...counts, ...answers });
	const toasts = new Toasts();
	const inbox = new Inbox(fake.api, toasts);
	await inbox.load();
	return { inbox, toasts, ...fake };
}
const ids = (inbox: Inbox) => inbox.rows.loaded.map((row) => row.id);

describe('the inbox', () => {
	it('asks for what waits, then for what is wanted', async () => {
		const { inbox, calls } = await make();
		expect([inbox.waiting, inbox.unread, ids(inbox)]).toEqual([3, 2, ['cv_1', 'cv_2', 'cv_3']]);
		await inbox.ask({ view: 'all', kind: 'group' });
		const asked = calls('GET', '/chat/conversations').map(({ query }) => [query.get('state'), query.get('kind')]);
		expect(asked).toEqual([['waiting', null], [null, 'group']]);
	});
	it('goes from one to the next and stays at the ends', async () => {
		const { inbox } = await make();
		expect([inbox.beside('cv_1', 1)?.id, inbox.beside('cv_1', -1)?.id, inbox.beside('cv_3', 1)?.id, inbox.beside(undefined, 1)?.id, inbox.beside('cv_9', -1)?.id]).toEqual(['cv_2', 'cv_1', undefined, 'cv_1', 'cv_1']);
	});
	it('is done at once, and taken back', async () => {
		const { inbox, toasts, calls } = await make({ 'PATCH /chat/conversations/cv_2': {} });
		const doing = inbox.setState(inbox.find('cv_2')!, 'done');
		expect([ids(inbox), inbox.waiting]).toEqual([['cv_1', 'cv_3'], 2]);
		expect(await doing).toBe(true);
		await toasts.undoLast();
		expect(calls('PATCH', '/chat/conversations/cv_2').map(({ body }) => body)).toEqual([{ state: 'done' }, { state: 'waiting' }]);
		expect(ids(inbox)).toContain('cv_2');
	});
	it('is taken back before the server has answered', async () => {
		const { inbox, toasts, calls } = await make({ 'PATCH /chat/conversations/cv_2': {} });
		const doing = inbox.setState(inbox.find('cv_2')!, 'done');
		expect(await toasts.undoLast()).toBe(true);
		await doing;
		expect(calls('PATCH', '/chat/conversations/cv_2').map(({ body }) => body)).toEqual([{ state: 'done' }, { state: 'waiting' }]);
	});
	it('is as it was when that was refused', async () => {
		const { inbox, toasts } = await make({ 'PATCH /chat/conversations/cv_2': new Refusal(409, { detail: 'No.' }) });
		expect(await inbox.setState(inbox.find('cv_2')!, 'done')).toBe(false);
		await vi.advanceTimersByTimeAsync(0);
		expect([ids(inbox), inbox.waiting, toasts.items[0]?.text]).toEqual([['cv_1', 'cv_2', 'cv_3'], 3, 'No.']);
	});
	it('stays in the list of all, with its new state', async () => {
		const { inbox } = await make({ 'PATCH /chat/conversations/cv_1': {} });
		await inbox.ask({ view: 'all' });
		void inbox.setState(inbox.find('cv_1')!, 'snoozed', '2030-01-01T09:00:00.000Z');
		expect([inbox.find('cv_1')?.state, inbox.find('cv_1')?.snoozed_until]).toEqual(['snoozed', '2030-01-01T09:00:00.000Z']);
	});
	it('is not put off again into the past', async () => {
		const { inbox, toasts, calls } = await make({ 'PATCH /chat/conversations/cv_1': {} });
		await inbox.setState({ id: 'cv_1', title: 'Ana', state: 'snoozed', snoozed_until: '2020-01-01T00:00:00Z' }, 'done');
		await toasts.undoLast();
		expect(calls('PATCH', '/chat/conversations/cv_1').at(-1)?.body).toEqual({ state: 'waiting' });
	});
});

describe('what comes', () => {
	const said = (id: string, seq: number, by?: string) => ({ conversation_id: id, rev: seq, message: message(seq, by, { conversation_id: id }) });
	it('is in its row at once, and asked for once', async () => {
		const { inbox, calls } = await make();
		inbox.received(said('cv_2', 2));
		inbox.received(said('cv_2', 3));
		expect([inbox.find('cv_2')?.last_message?.seq, inbox.find('cv_2')?.unread]).toEqual([3, 3]);
		await vi.advanceTimersByTimeAsync(200);
		expect(calls('GET', '/chat/conversations')).toHaveLength(2);
	});
	it('of ours leaves nothing unread, and an older one changes nothing', async () => {
		const { inbox } = await make();
		inbox.received(said('cv_2', 2, ''));
		inbox.received(said('cv_2', 1));
		expect([inbox.find('cv_2')?.last_seq, inbox.find('cv_2')?.unread]).toEqual([2, 0]);
	});
	it('is read, here or elsewhere', async () => {
		const { inbox } = await make();
		inbox.read('cv_1', 1);
		inbox.read('cv_1', 1);
		expect([inbox.find('cv_1')?.unread, inbox.unread]).toEqual([0, 1]);
		await inbox.load();
		expect(inbox.find('cv_1')?.unread).toBe(0);
	});
	it('is being written for a while, until it is there', async () => {
		const { inbox } = await make();
		const typed = (who: string) => inbox.typed({ conversation_id: 'cv_1', who, name: 'Ana' });
		typed('staff');
		expect(inbox.typing.has('cv_1')).toBe(false);
		typed('ct_1');
		await vi.advanceTimersByTimeAsync(4_000);
		typed('ct_1');
		await vi.advanceTimersByTimeAsync(4_000);
		expect(inbox.typing.has('cv_1')).toBe(true);
		inbox.received(said('cv_1', 2));
		expect(inbox.typing.has('cv_1')).toBe(false);
		typed('ct_1');
		await vi.advanceTimersByTimeAsync(6_000);
		expect(inbox.typing.has('cv_1')).toBe(false);
	});
	it('says who is there', async () => {
		const { inbox } = await make();
		inbox.present({ who: 'ct_3', online: true });
		expect(inbox.rows.loaded.map((row) => row.contact?.online)).toEqual([false, false, true]);
	});
	it('may have been missed: everything is asked again', async () => {
		const { inbox, calls } = await make();
		inbox.received(undefined);
		inbox.present(undefined);
		await vi.advanceTimersByTimeAsync(200);
		expect([calls('GET', '/chat/conversations').length, calls('GET', '/chat/counts').length]).toEqual([2, 2]);
		inbox.soon();
		inbox.stop();
		await vi.advanceTimersByTimeAsync(200);
		expect(calls('GET', '/chat/conversations')).toHaveLength(2);
	});
});
