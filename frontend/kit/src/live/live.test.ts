import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Live, opened, socketSource, windowSource, type Frame } from './live';

class FakeSocket {
	onopen?: () => void;
	onmessage?: (event: { data: unknown }) => void;
	onclose?: (event: { code: number }) => void;
	closed = false;
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
		const live = new Live(socketSource('/api/live', { final: [4401], random: () => 0.5, connect }), onEnd);
		return { live, connect, onEnd };
	};
	beforeEach(() => {
		sockets = [];
		vi.useFakeTimers();
		vi.stubGlobal('location', new URL('https://portal.example/home'));
	});
	afterEach(() => void vi.useRealTimers());

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
