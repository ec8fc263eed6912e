import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../api/errors';
import { make, offline, settle, texts, type Said } from './fake';
import type { Thread } from './thread.svelte';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('what comes', () => {
	it('is shown in order, and what came twice once', async () => {
		const { server, thread } = make();
		server.write('ana', 'one');
		await thread.sync();
		const two = server.write('ana', 'two');
		thread.receive(two);
		thread.receive(two);
		expect([texts(thread), thread.rev, server.asked.length]).toEqual([['one', 'two'], 2, 1]);
	});
	it('waits until what is missing before it was asked for', async () => {
		const { server, thread } = make();
		server.write('ana', 'one');
		await thread.sync();
		server.write('ana', 'two');
		thread.receive(server.write('ana', 'three'));
		expect(texts(thread)).toEqual(['one']);
		await settle();
		expect([texts(thread), server.asked.at(-1)]).toEqual([['one', 'two', 'three'], { changes: 1, limit: 200 }]);
	});
	it('may come late: an older version changes nothing', async () => {
		const { server, thread } = make();
		const old = server.write('ana', 'one');
		server.change(old.id, { text: 'better' });
		await thread.sync();
		thread.receive(old);
		expect(texts(thread)).toEqual(['better']);
	});
	it('is asked for again when more came while asking', async () => {
		const { server, thread } = make();
		server.write('ana', 'one');
		await thread.sync();
		let open = () => {};
		server.gate = new Promise((done) => (open = done));
		const asking = thread.sync();
		server.write('ana', 'two');
		thread.receive(server.write('ana', 'three'));
		server.gate = undefined;
		open();
		await asking;
		expect([texts(thread), thread.rev]).toEqual([['one', 'two', 'three'], 3]);
	});
	it('before the first page is not lost', async () => {
		const { server, thread } = make();
		let open = () => {};
		server.gate = new Promise((done) => (open = done));
		const first = thread.sync();
		thread.receive(server.write('ana', 'one'));
		server.gate = undefined;
		open();
		await first;
		expect(texts(thread)).toEqual(['one']);
	});
	it('is asked for again after a failure, and the reason stands until then', async () => {
		const { server, thread } = make();
		server.write('ana', 'one');
		server.fails = [offline];
		await thread.sync();
		expect([thread.ready, thread.error?.offline]).toEqual([false, true]);
		await vi.advanceTimersByTimeAsync(1_000);
		expect([texts(thread), thread.error]).toEqual([['one'], undefined]);
	});
	it('is not asked for again when it was refused', async () => {
		const { server, thread } = make();
		server.fails = [() => new ApiError({ code: 'chat.not_found' }, 404)];
		await thread.sync();
		await vi.advanceTimersByTimeAsync(120_000);
		expect([server.asked.length, thread.error?.status]).toEqual([1, 404]);
	});
	it('in great number replaces what is known', async () => {
		const { server, thread } = make();
		server.write('ana', 'first');
		await thread.sync();
		for (let n = 0; n < 900; n += 1) server.write('ana', `${n}`);
		await thread.sync();
		expect([texts(thread)[0], texts(thread).length, thread.hasOlder, thread.rev, server.asked.length]).toEqual(['850', 50, true, 901, 3]);
	});
});

describe('older messages', () => {
	const long = async () => {
		const made = make();
		for (let n = 1; n <= 120; n += 1) made.server.write('ana', `${n}`);
		await made.thread.sync();
		return made;
	};
	it('come page by page', async () => {
		const { thread } = await long();
		expect([thread.messages[0]?.seq, thread.hasOlder]).toEqual([71, true]);
		await thread.older();
		await thread.older();
		await thread.older();
		expect([thread.messages.map(({ seq }) => seq).join() === Array.from({ length: 120 }, (_, n) => n + 1).join(), thread.hasOlder]).toEqual([true, false]);
	});
	it('that are not loaded do not stand alone when they change', async () => {
		const { server, thread } = await long();
		thread.receive(server.change('ms_3', { text: 'three' }));
		expect([thread.messages.length, thread.rev]).toEqual([50, 121]);
		expect([await thread.reach(3), thread.messages.find(({ seq }) => seq === 3)?.text]).toEqual([true, 'three']);
	});
	it('that change while they are read are read again', async () => {
		const { server, thread } = await long();
		let open = () => {};
		server.gate = new Promise((done) => (open = done));
		const reading = thread.older();
		thread.receive(server.change('ms_40', { text: 'changed' }));
		server.gate = undefined;
		open();
		await reading;
		await settle();
		expect(thread.messages.find(({ seq }) => seq === 40)?.text).toBe('changed');
	});
	it('stay to be loaded when that fails', async () => {
		const { server, thread } = await long();
		server.fails = [offline];
		expect([await thread.reach(1), thread.hasOlder, thread.loadingOlder, thread.error?.offline]).toEqual([false, true, false, true]);
	});
});

describe('changes', () => {
	const one = async () => {
		const made = make();
		made.server.write('me', 'one');
		await made.thread.sync();
		return made;
	};
	it.each([
		['an edit', (thread: Thread<Said>) => thread.edit('ms_1', 'two'), { text: 'two' }, { text: 'two', html: '<p>two</p>' }],
		['a removal', (thread: Thread<Said>) => thread.remove('ms_1'), { text: '' }, { text: '', deleted_at: 'now' }],
		['a reaction', (thread: Thread<Said>) => thread.react('ms_1', '👍'), { reactions: [{ emoji: '👍', by: ['me'] }] }, { reactions: [{ emoji: '👍', by: ['me'] }] }],
	])('%s shows at once, then as the server has it', async (_, change, before, after) => {
		const { thread } = await one();
		const done = change(thread);
		expect(thread.messages[0]).toMatchObject(before);
		expect(await done).toBeUndefined();
		expect(thread.messages[0]).toMatchObject({ ...after, rev: 2 });
	});
	it('are taken back when they fail', async () => {
		const { server, thread } = await one();
		server.fails = [() => new ApiError({ code: 'chat.not_yours' }, 403)];
		expect((await thread.edit('ms_1', 'two'))?.status).toBe(403);
		expect(thread.messages[0]).toMatchObject({ text: 'one', html: '<p>one</p>', edited_at: null });
	});
	it('of one message go one after another; the same emoji again takes it back', async () => {
		const { thread } = await one();
		const both = [thread.react('ms_1', '👍'), thread.react('ms_1', '👍')];
		expect(thread.messages[0]?.reactions).toEqual([]);
		await Promise.all(both);
		expect([thread.messages[0]?.reactions, thread.rev]).toEqual([[], 3]);
	});
	it('do not hide what others change meanwhile', async () => {
		const { server, thread } = await one();
		let open = () => {};
		server.gate = new Promise((done) => (open = done));
		const done = thread.react('ms_1', '👍');
		thread.receive(server.change('ms_1', { text: 'theirs' }));
		expect(thread.messages[0]).toMatchObject({ text: 'theirs', reactions: [{ emoji: '👍', by: ['me'] }] });
		open();
		await done;
		expect(texts(thread)).toEqual(['theirs']);
	});
});

describe('marks', () => {
	it('move forward only, and say who has come how far', () => {
		const { thread } = make();
		thread.marks.put('staff', { read: 3 });
		thread.marks.put('staff', { read: 2, delivered: 5 });
		thread.marks.put('me', { read: 9 });
		expect([thread.marks.reached(3), thread.marks.reached(4)]).toEqual([
			{ read: ['staff'], delivered: ['staff'] },
			{ read: [], delivered: ['staff'] },
		]);
	});
	it('follow from writing: whoever writes has read what was there', async () => {
		const { server, thread } = make();
		server.write('me', 'one');
		await thread.sync();
		thread.receive(server.write('ana', 'two'));
		expect([thread.marks.reached(1).read, thread.marks.own.read]).toEqual([['ana'], 1]);
	});
	it('tell the server the last of many, again after a failure', async () => {
		const { server, thread } = make();
		server.fails = [offline];
		thread.marks.move({ delivered: 1 });
		thread.marks.move({ read: 2 });
		await settle();
		expect(server.marks).toEqual([]);
		thread.marks.resume();
		await settle();
		thread.marks.move({ read: 1 });
		await settle();
		expect(server.marks).toEqual([{ read: 2, delivered: 2 }]);
	});
	it('show who writes for a while, until their message comes', async () => {
		const { server, thread } = make();
		await thread.sync();
		thread.marks.typed('me', 'I');
		thread.marks.typed('ana', 'Ana');
		thread.marks.typed('ben', 'Ben');
		vi.advanceTimersByTime(5_000);
		thread.marks.typed('ben', 'Ben');
		expect(thread.marks.typing.map(({ who }) => who)).toEqual(['ana', 'ben']);
		vi.advanceTimersByTime(1_000);
		expect(thread.marks.typing.map(({ who }) => who)).toEqual(['ben']);
		thread.receive(server.write('ben', 'hello'));
		expect(thread.marks.typing).toEqual([]);
	});
	it('say that one writes, but not at every key', () => {
		const { server, thread } = make();
		for (let at = 0; at < 6_500; at += 500) thread.marks.type(at);
		expect(server.typed).toBe(3);
	});
});

it('keeps what is known, and asks from there', async () => {
	const { server, thread, kept } = make();
	server.write('ana', 'one');
	await thread.sync();
	const again = make(server);
	server.write('ana', 'two');
	again.thread.restore(kept.at(-1));
	expect(texts(again.thread)).toEqual(['one']);
	await again.thread.sync();
	expect([texts(again.thread), server.asked.at(-1)]).toEqual([['one', 'two'], { changes: 1, limit: 200 }]);
});
