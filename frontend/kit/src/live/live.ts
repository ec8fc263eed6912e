/** What is shown of a topic may be stale; ids narrow it down when given. */
export interface Frame {
	topic: string;
	ids?: string[] | null;
}

/** Told by a socket whenever it opens, the first time too: what was asked before may have missed something. */
export const opened = 'live.opened';

export type Listener = (frame: Frame) => void;

/** Where frames come from: a WebSocket, or the window's events. */
export interface Source {
	/** Starts delivering; returns how to stop. `onGap` is called when frames may have been missed. */
	open(deliver: Listener, onGap: () => void, onEnd: (code: number) => void): () => void;
}

/** Distributes frames by topic. After a gap every listener is told to look again. */
export class Live {
	#listeners = new Map<string, Set<Listener>>();
	#close: (() => void) | undefined;

	constructor(
		private source: Source,
		private onEnd: (code: number) => void = () => {},
	) {}

	start(): void {
		this.#close ??= this.source.open(
			(frame) => this.#tell(frame),
			() => this.#tellAll(),
			(code) => this.onEnd(code),
		);
	}

	stop(): void {
		this.#close?.();
		this.#close = undefined;
	}

	/** Calls back for one topic until the returned function is called. */
	on(topic: string, listener: Listener): () => void {
		const set = this.#listeners.get(topic) ?? new Set();
		this.#listeners.set(topic, set.add(listener));
		return () => set.delete(listener);
	}

	#tell(frame: Frame): void {
		for (const listener of this.#listeners.get(frame.topic) ?? []) listener(frame);
	}

	#tellAll(): void {
		for (const [topic, set] of this.#listeners) for (const listener of set) listener({ topic });
	}
}

/** The runtime that Wails puts into its window. */
interface WailsRuntime {
	EventsOn(name: string, callback: (...data: unknown[]) => void): () => void;
}

declare global {
	interface Window {
		runtime?: WailsRuntime;
	}
}

function asFrame(data: unknown): Frame | undefined {
	let value = data;
	if (typeof value === 'string') {
		try {
			value = JSON.parse(value);
		} catch {
			return undefined;
		}
	}
	if (value && typeof value === 'object' && 'topic' in value && typeof value.topic === 'string') return value as Frame;
	return undefined;
}

/** Frames as Wails events named "live". */
export function windowSource(runtime: WailsRuntime): Source {
	return {
		open: (deliver) =>
			runtime.EventsOn('live', (data) => {
				const frame = asFrame(data);
				if (frame) deliver(frame);
			}),
	};
}

export interface SocketOptions {
	/** Close codes after which it does not connect again (the session is over). */
	final?: number[];
	random?(): number;
	connect?(url: string): WebSocket;
}

/** Frames over a WebSocket that reconnects with growing, jittered pauses. */
export function socketSource(path: string, options: SocketOptions = {}): Source {
	const random = options.random ?? Math.random;
	const connect = options.connect ?? ((url) => new WebSocket(url));
	return {
		open(deliver, onGap, onEnd) {
			let socket: WebSocket;
			let timer: ReturnType<typeof setTimeout> | undefined;
			let attempt = 0;
			let stopped = false;
			const dial = () => {
				socket = connect(new URL(path, location.href).href.replace(/^http/, 'ws'));
				socket.onopen = () => {
					if (attempt > 0) onGap();
					attempt = 0;
					deliver({ topic: opened });
				};
				socket.onmessage = (event) => {
					const frame = asFrame(event.data);
					if (frame) deliver(frame);
				};
				socket.onclose = (event) => {
					if (stopped) return;
					if (options.final?.includes(event.code)) return onEnd(event.code);
					attempt += 1;
					timer = setTimeout(dial, Math.min(30_000, 500 * 2 ** Math.min(attempt, 6)) * (0.5 + random()));
				};
			};
			dial();
			return () => {
				stopped = true;
				clearTimeout(timer);
				socket.close();
			};
		},
	};
}
