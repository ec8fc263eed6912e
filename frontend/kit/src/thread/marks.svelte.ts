import type { Mark } from './types';

const typingShown = 6_000;
const typingSaid = 3_000;

export interface Typist {
	who: string;
	name: string;
}

/** How far everybody has come, and who is writing. Marks only move forward. */
export class Marks {
	all = $state.raw<ReadonlyMap<string, Mark>>(new Map());
	typing = $state.raw<readonly Typist[]>([]);
	#timers = new Map<string, ReturnType<typeof setTimeout>>();
	#wanted: Mark = { read: 0, delivered: 0 };
	#busy = false;
	#said = -typingSaid;

	/** `me` is the key under which one's own marks come. */
	constructor(
		readonly me: string,
		private transport: { mark(mark: Mark): Promise<void>; type(): void },
	) {}

	/** One's own. */
	get own(): Mark {
		return this.all.get(this.me) ?? { read: 0, delivered: 0 };
	}

	put(who: string, { read = 0, delivered = 0 }: Partial<Mark>): void {
		const before = this.all.get(who);
		const after = { read: Math.max(before?.read ?? 0, read), delivered: Math.max(before?.delivered ?? 0, delivered, read) };
		if (before?.read === after.read && before.delivered === after.delivered) return;
		this.all = new Map(this.all).set(who, after);
	}

	/** The others who have read as far as a message, and those who have it on a device. */
	reached(seq: number): { read: string[]; delivered: string[] } {
		const others = [...this.all].filter(([who]) => who !== this.me);
		const keys = (list: [string, Mark][]) => list.map(([who]) => who);
		return { read: keys(others.filter(([, mark]) => mark.read >= seq)), delivered: keys(others.filter(([, mark]) => mark.delivered >= seq)) };
	}

	/** Moves one's own marks and tells the server, which hears of the last of many. */
	move({ read = 0, delivered = 0 }: Partial<Mark>): void {
		const own = this.own;
		if (read <= own.read && Math.max(read, delivered) <= own.delivered) return;
		this.put(this.me, { read, delivered });
		this.#wanted = this.own;
		void this.#tell();
	}

	/** Tells what could not be told. */
	resume(): void {
		void this.#tell();
	}

	async #tell(): Promise<void> {
		if (this.#busy) return;
		this.#busy = true;
		try {
			while (this.#wanted.delivered > 0) {
				const mark = this.#wanted;
				await this.transport.mark(mark);
				if (this.#wanted === mark) this.#wanted = { read: 0, delivered: 0 };
			}
		} catch {
			// Told with the next mark, or when the connection is back.
		} finally {
			this.#busy = false;
		}
	}

	/** Somebody writes; shown for a while. */
	typed(who: string, name: string): void {
		if (who === this.me) return;
		clearTimeout(this.#timers.get(who));
		this.#timers.set(
			who,
			setTimeout(() => this.quiet(who), typingShown),
		);
		if (!this.typing.some((one) => one.who === who)) this.typing = [...this.typing, { who, name }];
	}

	/** Somebody has stopped writing, as when their message is here. */
	quiet(who: string): void {
		clearTimeout(this.#timers.get(who));
		this.#timers.delete(who);
		if (this.typing.some((one) => one.who === who)) this.typing = this.typing.filter((one) => one.who !== who);
	}

	/** Call at every key: says that one writes, but not at every key. */
	type(now = Date.now()): void {
		if (now - this.#said < typingSaid) return;
		this.#said = now;
		this.transport.type();
	}

	/** The message is sent: the next word is told at once. */
	typedOut(): void {
		this.#said = -typingSaid;
	}

	stop(): void {
		for (const timer of this.#timers.values()) clearTimeout(timer);
		this.#timers.clear();
		this.typing = [];
	}
}
