/** What is shown of a topic may be stale; ids narrow it down when given. */
export interface Frame {
	topic: string;
	ids?: string[] | null;
}

/** Told by a socket whenever it opens, the first time too: what was asked before may have missed something. */
export const opened = 'live.opened';

export type Listener = (frame: Frame) => void;

/** What a page says: that somebody types, how far they have read. It may get lost. */
export type Sent = { topic: string } & Record<string, unknown>;

/** An open source. */
export interface Connection {
	close(): void;
	send(frame: Sent): void;
}

/** Where frames come from: a WebSocket, polls, or the window's events. */
export interface Source {
	/** Starts delivering. `onGap` is called when frames may have been missed. */
	open(deliver: Listener, onGap: () => void, onEnd: (code: number) => void): Connection;
}

/** The frame that says: frames were lost. */
export const resync = 'resync';

/** Distributes frames by topic. After a gap every listener is told to look again, those of `resync` too. */
export class Live {
	#listeners = new Map<string, Set<Listener>>();
	#connection: Connection | undefined;

	constructor(
		private source: Source,
		private onEnd: (code: number) => void = () => {},
	) {}

	start(): void {
		this.#connection ??= this.source.open(
			(frame) => this.#tell(frame),
			() => this.#tellAll(),
			(code) => this.onEnd(code),
		);
	}

	stop(): void {
		this.#connection?.close();
		this.#connection = undefined;
	}

	send(frame: Sent): void {
		this.#connection?.send(frame);
	}

	/** Calls back for one topic until the returned function is called. */
	on(topic: string, listener: Listener): () => void {
		const set = this.#listeners.get(topic) ?? new Set();
		this.#listeners.set(topic, set.add(listener));
		return () => set.delete(listener);
	}

	#tell(frame: Frame): void {
		if (frame.topic === resync) return this.#tellAll();
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

/** What was received, if it is a frame. */
export function asFrame(data: unknown): Frame | undefined {
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

/** Frames as Wails events named "live". What the page says goes by `post`. */
export function windowSource(runtime: WailsRuntime, post: (frame: Sent) => void = () => {}): Source {
	return {
		open: (deliver) => ({
			close: runtime.EventsOn('live', (data) => {
				const frame = asFrame(data);
				if (frame) deliver(frame);
			}),
			send: post,
		}),
	};
}

export { socketSource, type SocketOptions } from './socket';
