import { asFrame, opened, type Connection, type Listener, type Sent, type Source } from './live';
import { poll } from './poll';

export interface SocketOptions {
	/** Close codes after which it does not connect again (the session is over). */
	final?: number[];
	/** Sends what the page says while there is no socket. */
	post?(frame: Sent): void;
	random?(): number;
	connect?(url: string): WebSocket;
	fetch?: typeof fetch;
}

const first = 500;
const longest = 30_000;

/** The pause before the n-th try (from 1): at random, so that thousands do not come back at once. */
export function pause(attempt: number, random: () => number): number {
	const most = Math.min(longest, first * 2 ** Math.min(attempt, 6));
	return first + (most - first) * random();
}

/** So many upgrades that fail within a minute mean that something between blocks sockets. */
const failures = { most: 2, within: 60_000 };
/** While polling, a socket is tried again after this long. */
const socketAgain = 5 * 60_000;
/** A page hidden for so long may hold a dead socket that nobody noticed: phones sleep. */
const asleep = 60_000;

/** Frames over a WebSocket that reconnects with growing, jittered pauses; over polls where sockets are blocked. */
export function socketSource(path: string, options: SocketOptions = {}): Source {
	return { open: (deliver, onGap, onEnd) => new Link(path, options, deliver, onGap, onEnd) };
}

class Link implements Connection {
	#socket: WebSocket | undefined;
	#open = false;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#attempt = 0;
	#heard = false; // it was connected before, so what comes now may follow a gap
	#failed: number[] = [];
	#stopPolls: (() => void) | undefined;
	#hidden: number | undefined;
	#off: (() => void)[] = [];

	constructor(
		private path: string,
		private options: SocketOptions,
		private deliver: Listener,
		private onGap: () => void,
		private onEnd: (code: number) => void,
	) {
		if (typeof window !== 'undefined') {
			this.#listen(window, 'online', () => this.#again());
			this.#listen(window, 'offline', () => this.#away());
		}
		if (typeof document !== 'undefined') this.#listen(document, 'visibilitychange', () => this.#seen(document.hidden));
		this.#dial();
	}

	close(): void {
		for (const off of this.#off) off();
		this.#drop();
		this.#stopPolls?.();
	}

	send(frame: Sent): void {
		if (this.#open) this.#socket?.send(JSON.stringify(frame));
		else this.options.post?.(frame);
	}

	#listen(target: EventTarget, name: string, listener: () => void): void {
		target.addEventListener(name, listener);
		this.#off.push(() => target.removeEventListener(name, listener));
	}

	/** Forgets the socket, and what was going to be done. */
	#drop(): void {
		clearTimeout(this.#timer);
		const socket = this.#socket;
		this.#socket = undefined;
		this.#open = false;
		socket?.close();
	}

	#dial(): void {
		const connect = this.options.connect ?? ((url) => new WebSocket(url));
		const socket = connect(new URL(this.path, location.href).href.replace(/^http/, 'ws'));
		this.#socket = socket;
		socket.onopen = () => {
			if (this.#socket !== socket) return;
			this.#stopPolls?.();
			this.#stopPolls = undefined;
			this.#open = true;
			if (this.#heard || this.#attempt > 0) this.onGap();
			this.#heard = true;
			this.#attempt = 0;
			this.#failed = [];
			this.deliver({ topic: opened });
		};
		socket.onmessage = (event) => {
			const frame = asFrame(event.data);
			if (frame && this.#socket === socket) this.deliver(frame);
		};
		socket.onclose = (event) => {
			if (this.#socket !== socket) return;
			const wasOpen = this.#open;
			this.#drop();
			if (this.options.final?.includes(event.code)) return this.#end(event.code);
			this.#retry(wasOpen);
		};
	}

	#retry(wasOpen: boolean): void {
		this.#attempt += 1;
		const now = Date.now();
		if (!wasOpen) this.#failed = [...this.#failed.filter((at) => now - at < failures.within), now];
		if (this.#failed.length >= failures.most) this.#poll();
		const after = this.#stopPolls ? socketAgain : pause(this.#attempt, this.options.random ?? Math.random);
		this.#timer = setTimeout(() => this.#dial(), after);
	}

	#poll(): void {
		this.#stopPolls ??= poll(this.path + '/poll', this.options, this.deliver, this.onGap, (code) => this.#end(code));
	}

	#end(code: number): void {
		this.close();
		this.onEnd(code);
	}

	/** The network is back: at once. */
	#again(): void {
		if (this.#open) return;
		this.#drop();
		this.#attempt = Math.max(this.#attempt, 1);
		this.#dial();
	}

	/** Without a network there is nothing to try; a socket that looks open is dead. */
	#away(): void {
		this.#drop();
		this.#attempt = Math.max(this.#attempt, 1);
	}

	#seen(hidden: boolean): void {
		if (hidden) {
			this.#hidden = Date.now();
			return;
		}
		const slept = this.#hidden !== undefined && Date.now() - this.#hidden >= asleep;
		this.#hidden = undefined;
		if (slept && this.#open) this.#drop();
		if (!this.#open && !this.#stopPolls) this.#again();
	}
}
