import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Live, opened, socketSource, windowSource, type Frame } from './live';
import { pause } from './socket';

class FakeSocket {
	onopen?: () => void;
	onmessage?: (event: { data: unknown }) => void;
	onclose?: (event: { code: number }) => void;
	closed = false;
	sent: string[] = [];
	send(data: string) {
		this.sent.push(data);
	}
	close() {
		this.closed = true;
	}
}

describe('a socket', () => {
	let sockets: FakeSocket[];
	const make = (onEnd = vi.fn()) => {
		const connect = vi.fn(() => {
			sockets.push(new FakeSocket());
			return sockets.at(-1) as unknown as WebSocket;
		});
		const post = vi.fn();
		const live = new Live(socketSource('/api/live', { final: [4401], random: () => 0.5, connect, post, fetch: ask as typeof fetch }), onEnd);
		return { live, connect, onEnd, post };
	};
	/** Polls that wait for an answer. */
	let polls: { url: string; answer(body: unknown, status?: number): Promise<void>; fail(): Promise<void> }[];
	const ask = (url: string, init: RequestInit) =>
		new Promise<Response>((resolve, reject) => {
			const settled = () => vi.advanceTimersByTimeAsync(0).then(() => {});
			init.signal!.addEventListener('abort', () => reject(new DOMException('stopped', 'AbortError')));
			polls.push({
				url,
				answer: (body, status = 200) => (resolve(new Response(JSON.stringify(body), { status })), settled()),
				fail: () => (reject(new TypeError('no network')), settled()),
			});
		});
	/** Two upgrades that fail lead to polling. */
	const blocked = () => {
		const made = make();
		made.live.start();
		sockets[0]!.onclose!({ code: 1006 });
		vi.advanceTimersByTime(1_000);
		sockets[1]!.onclose!({ code: 1006 });
		return made;
	};
	let page: EventTarget & { hidden: boolean };
	let net: EventTarget;
	const hide = (hidden: boolean) => {
		page.hidden = hidden;
		page.dispatchEvent(new Event('visibilitychange'));
	};
	beforeEach(() => {
		sockets = [];
		polls = [];
		page = Object.assign(new EventTarget(), { hidden: false });
		net = new EventTarget();
		vi.useFakeTimers();
		vi.stubGlobal('document', page);
		vi.stubGlobal('window', net);
		vi.stubGlobal('location', new URL('https://portal.example/home'));
	});
	afterEach(() => {
		vi.useRealTimers();
		vi.unstubAllGlobals();
	});

	it('delivers by topic and ignores noise', () => {
		const { live, connect } = make();
		const seen: Frame[] = [];
		live.on('mail', (frame) => seen.push(frame));
		live.start();
		live.start();
		expect(connect).toHaveBeenCalledExactlyOnceWith('wss://portal.example/api/live');
		sockets[0]!.onmessage!({ data: '{"topic":"mail","ids":["ml_1"]}' });
		sockets[0]!.onmessage!({ data: '{"topic":"contacts"}' });
		sockets[0]!.onmessage!({ data: 'noise' });
		sockets[0]!.onmessage!({ data: '{"no":"topic"}' });
		expect(seen).toEqual([{ topic: 'mail', ids: ['ml_1'] }]);
	});
	it('reconnects and tells everyone to look again', () => {
		const { live } = make();
		const seen = vi.fn();
		const off = live.on('mail', seen);
		live.start();
		sockets[0]!.onopen!();
		expect(seen).not.toHaveBeenCalled();
		sockets[0]!.onclose!({ code: 1006 });
		vi.advanceTimersByTime(1_000);
		expect(sockets).toHaveLength(2);
		sockets[1]!.onopen!();
		expect(seen).toHaveBeenCalledExactlyOnceWith({ topic: 'mail' });
		off();
		sockets[1]!.onmessage!({ data: '{"topic":"mail"}' });
		expect(seen).toHaveBeenCalledOnce();
	});
	it('says whenever it opens', () => {
		const { live } = make();
		const seen = vi.fn();
		live.on(opened, seen);
		live.start();
		sockets[0]!.onopen!();
		live.stop();
		live.start();
		sockets[1]!.onopen!();
		expect(seen).toHaveBeenCalledTimes(2);
	});
	it('ends for good when the session ends', () => {
		const { live, onEnd } = make();
		live.start();
		sockets[0]!.onclose!({ code: 4401 });
		vi.advanceTimersByTime(120_000);
		expect(onEnd).toHaveBeenCalledExactlyOnceWith(4401);
		expect(sockets).toHaveLength(1);
	});
	it('stops', () => {
		const { live } = make();
		live.start();
		live.stop();
		expect(sockets[0]!.closed).toBe(true);
		sockets[0]!.onclose!({ code: 1000 });
		vi.advanceTimersByTime(120_000);
		expect(sockets).toHaveLength(1);
	});
	it('hands a resync on to everybody', () => {
		const { live } = make();
		const seen = vi.fn();
		live.on('mail', seen);
		live.on('resync', seen);
		live.start();
		sockets[0]!.onmessage!({ data: '{"topic":"resync"}' });
		expect(seen.mock.calls.flat()).toEqual([{ topic: 'mail' }, { topic: 'resync' }]);
	});
	it('pauses longer and longer, at random, between half a second and half a minute', () => {
		for (let attempt = 1; attempt < 50; attempt++) {
			expect(pause(attempt, () => 0)).toBe(500);
			expect(pause(attempt, () => 1)).toBe(Math.min(30_000, 500 * 2 ** attempt));
		}
	});
	it('sends by the socket, and by POST while there is none', () => {
		const { live, post } = make();
		live.send({ topic: 'chat.typing' });
		live.start();
		live.send({ topic: 'chat.typing', conversation_id: 'cv_1' });
		expect(post).toHaveBeenCalledExactlyOnceWith({ topic: 'chat.typing', conversation_id: 'cv_1' });
		sockets[0]!.onopen!();
		live.send({ topic: 'chat.marks', read: 3 });
		expect(sockets[0]!.sent).toEqual(['{"topic":"chat.marks","read":3}']);
		expect(post).toHaveBeenCalledOnce();
	});
	it('polls when sockets are blocked, and tries one again later', async () => {
		const { live, post } = blocked();
		const seen = vi.fn();
		live.on('mail', seen);
		expect(polls).toHaveLength(1);
		expect(polls[0]!.url).toMatch(/^https:\/\/portal\.example\/api\/live\/poll\?id=[0-9a-f]{32}$/);
		await polls[0]!.answer({ frames: [{ topic: 'resync' }] });
		await polls[1]!.answer({ frames: [{ topic: 'mail', ids: ['ml_1'] }, { no: 'topic' }] });
		expect(seen.mock.calls.flat()).toEqual([{ topic: 'mail' }, { topic: 'mail', ids: ['ml_1'] }]);
		live.send({ topic: 'chat.typing' });
		expect(post).toHaveBeenCalledOnce();
		expect(polls).toHaveLength(3);
		vi.advanceTimersByTime(299_000);
		expect(sockets).toHaveLength(2);
		vi.advanceTimersByTime(1_000);
		expect(sockets).toHaveLength(3);
		sockets[2]!.onopen!();
		expect(seen).toHaveBeenCalledTimes(3); // after a gap
		await vi.advanceTimersByTimeAsync(60_000);
		expect(polls).toHaveLength(3);
	});
	it('does not poll when upgrades fail now and then', () => {
		const { live } = make();
		live.start();
		for (let n = 0; n < 5; n++) {
			sockets.at(-1)!.onopen!();
			sockets.at(-1)!.onclose!({ code: 1006 });
			vi.advanceTimersByTime(30_000);
			sockets.at(-1)!.onclose!({ code: 1006 });
			vi.advanceTimersByTime(30_000);
		}
		expect(polls).toHaveLength(0);
	});
	it('looks again when a poll was lost', async () => {
		const { live } = blocked();
		const seen = vi.fn();
		live.on('mail', seen);
		await polls[0]!.answer({ frames: [] });
		await polls[1]!.fail();
		await vi.advanceTimersByTimeAsync(1_000);
		await polls[2]!.answer({}, 503);
		await vi.advanceTimersByTimeAsync(2_000);
		expect(seen).not.toHaveBeenCalled();
		await polls[3]!.answer({ frames: [] });
		expect(seen).toHaveBeenCalledExactlyOnceWith({ topic: 'mail' });
	});
	it('ends for good when a poll says that nobody is signed in', async () => {
		const { onEnd } = blocked();
		await polls[0]!.answer({}, 401);
		await vi.advanceTimersByTimeAsync(600_000);
		expect(onEnd).toHaveBeenCalledExactlyOnceWith(4401);
		expect(polls).toHaveLength(1);
		expect(sockets).toHaveLength(2);
	});
	it('stops polling', async () => {
		const { live } = blocked();
		live.stop();
		await vi.advanceTimersByTimeAsync(600_000);
		expect(polls).toHaveLength(1);
		expect(sockets).toHaveLength(2);
	});
	it('waits for a network, and comes back with it', () => {
		const { live } = make();
		const seen = vi.fn();
		live.on('mail', seen);
		live.start();
		sockets[0]!.onopen!();
		net.dispatchEvent(new Event('offline'));
		expect(sockets[0]!.closed).toBe(true);
		vi.advanceTimersByTime(600_000);
		expect(sockets).toHaveLength(1);
		net.dispatchEvent(new Event('online'));
		expect(sockets).toHaveLength(2);
		sockets[1]!.onopen!();
		expect(seen).toHaveBeenCalledOnce();
		net.dispatchEvent(new Event('online'));
		expect(sockets).toHaveLength(2);
	});
	it('connects at once when it is looked at, and anew after a long sleep', () => {
		const { live } = make();
		live.start();
		sockets[0]!.onopen!();
		hide(true);
		vi.advanceTimersByTime(30_000);
		hide(false);
		expect(sockets).toHaveLength(1);
		hide(true);
		vi.advanceTimersByTime(60_000);
		hide(false);
		expect(sockets[0]!.closed).toBe(true);
		expect(sockets).toHaveLength(2);
		sockets[1]!.onclose!({ code: 1006 });
		hide(false);
		expect(sockets).toHaveLength(3);
		live.stop();
		hide(false);
		expect(sockets).toHaveLength(3);
	});
});

describe('the window', () => {
	it('delivers its events', () => {
		let call: (data: unknown) => void = () => {};
		const off = vi.fn();
		const live = new Live(windowSource({ EventsOn: (_, callback) => ((call = callback), off) }));
		const seen = vi.fn();
		live.on('portal', seen);
		live.start();
		call({ topic: 'portal' });
		call('{"topic":"portal"}');
		call(null);
		expect(seen).toHaveBeenCalledTimes(2);
		live.stop();
		expect(off).toHaveBeenCalledOnce();
	});
});
