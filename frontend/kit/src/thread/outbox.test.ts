import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../api/errors';
import { make, offline, settle, shown, texts, type Said } from './fake';
import type { Outgoing } from './types';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('what is sent', () => {
	it('is shown at once and keeps its line when it is there', async () => {
		const { server, thread, stored } = make();
		await thread.sync();
		thread.send('hello');
		const key = thread.rows[0]!.key;
		expect([shown(thread), stored.size]).toEqual([['hello (sending)'], 1]);
		await settle();
		expect([shown(thread), thread.rows[0]!.key === key, stored.size, server.drafts.length]).toEqual([['hello'], true, 0, 1]);
	});
	it('goes in order, one at a time', async () => {
		const { server, thread } = make();
		await thread.sync();
		let open = () => {};
		server.gate = new Promise((done) => (open = done));
		for (const text of ['a', 'b', 'c']) thread.send(text);
		await settle();
		expect(server.drafts.map(({ text }) => text)).toEqual(['a']);
		open();
		await settle();
		expect([server.drafts.map(({ text }) => text), texts(thread)]).toEqual([['a', 'b', 'c'], ['a', 'b', 'c']]);
	});
	it('may arrive by frame before its answer', async () => {
		const { server, thread } = make();
		await thread.sync();
		let open = () => {};
		server.gate = new Promise((done) => (open = done));
		const { client_msg_id } = thread.send('hello');
		thread.receive(server.write('me', 'hello', client_msg_id));
		expect(shown(thread)).toEqual(['hello']);
		open();
		await settle();
		expect([shown(thread), server.messages.length]).toEqual([['hello'], 1]);
	});
	it('is not taken for another person’s message of the same name', async () => {
		const { server, thread } = make();
		await thread.sync();
		server.fails = [offline];
		const { client_msg_id } = thread.send('hello');
		await settle();
		thread.receive(server.write('ana', 'mine', client_msg_id));
		expect(shown(thread)).toEqual(['mine', 'hello (waiting)']);
	});
	it('waits for a connection under the same name, and is never doubled', async () => {
		const { server, thread } = make();
		await thread.sync();
		// It arrives, but the answer is lost; then there is no connection.
		const arrives = () => (server.write('me', 'a', server.drafts[0]!.client_msg_id), offline());
		server.fails = [arrives, offline];
		thread.send('a');
		thread.send('b');
		await settle();
		expect(shown(thread)).toEqual(['a (waiting)', 'b (waiting)']);
		thread.send('c');
		expect(shown(thread)).toEqual(['a (waiting)', 'b (waiting)', 'c (waiting)']);
		await vi.advanceTimersByTimeAsync(1_000);
		expect(server.drafts.map(({ text }) => text)).toEqual(['a', 'a']);
		await vi.advanceTimersByTimeAsync(2_000);
		expect([texts(thread), server.messages.length, shown(thread)]).toEqual([['a', 'b', 'c'], 3, ['a', 'b', 'c']]);
	});
	it('does not wait out its pause when the connection is back', async () => {
		const { server, thread } = make();
		await thread.sync();
		server.fails = [offline, offline, offline, offline];
		thread.send('a');
		await vi.advanceTimersByTimeAsync(7_000);
		expect(server.drafts.length).toBe(4);
		thread.resume();
		await settle();
		expect(shown(thread)).toEqual(['a']);
	});
	it('steps aside when it is refused, and goes again when asked', async () => {
		const { server, thread, stored } = make();
		await thread.sync();
		server.fails = [() => new ApiError({ detail: 'Too long.' }, 422)];
		const { client_msg_id } = thread.send('a');
		thread.send('b');
		await settle();
		expect([shown(thread), thread.outbox.items[0]?.error?.message, stored.size]).toEqual([['b', 'a (failed)'], 'Too long.', 1]);
		thread.outbox.retry(client_msg_id);
		await settle();
		expect([shown(thread), stored.size]).toEqual([['b', 'a'], 0]);
	});
	it('can be given up, but not while it is being sent', async () => {
		const { server, thread, stored } = make();
		await thread.sync();
		server.fails = [offline];
		const { client_msg_id } = thread.send('a');
		expect(thread.outbox.drop(client_msg_id)).toBeUndefined();
		await settle();
		expect([thread.outbox.drop(client_msg_id)?.text, shown(thread), stored.size]).toEqual(['a', [], 0]);
	});
	it('shows its answer even when something before it is missing', async () => {
		const { server, thread } = make();
		await thread.sync();
		server.write('ana', 'before');
		thread.send('mine');
		await settle();
		expect([texts(thread), thread.rev]).toEqual([['before', 'mine'], 2]);
	});
	it('survives a closed page, unless it arrived', async () => {
		const { server, stored } = make();
		const left = (text: string): Outgoing<Said> => ({ client_msg_id: `id-${text}`, text, created_at: '', state: 'sending' });
		const there = server.write('me', 'a', 'id-a');
		const { thread } = make(server);
		thread.restore({ messages: [there], rev: 1, hasOlder: false }, [left('a'), left('b')]);
		expect(shown(thread)).toEqual(['a', 'b (waiting)']);
		await settle();
		expect([shown(thread), server.drafts.map(({ text }) => text), stored.size]).toEqual([['a', 'b'], ['b'], 0]);
	});
});
