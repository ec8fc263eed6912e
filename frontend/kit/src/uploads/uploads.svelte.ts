import { asApiError, type ApiError } from '../api/errors';
import { isTemporary, pause } from '../thread/outbox.svelte';

/** A file as the server knows it. */
export interface Begun {
	id: string;
	/** Bytes that have arrived. */
	offset: number;
	/** The most that is taken at once. */
	chunk: number;
	done: boolean;
}

/** How files reach the server. All of it may fail; failures are ApiErrors. */
export interface UploadTransport {
	begin(file: { name: string; size: number }): Promise<Begun>;
	ask(id: string): Promise<Begun>;
	send(id: string, offset: number, bytes: ArrayBuffer): Promise<Begun>;
	cancel(id: string): Promise<void>;
}

type Source = Pick<File, 'name' | 'size' | 'type' | 'slice'>;

/** One file on its way. `waiting` goes on by itself, `failed` was refused. */
export interface Upload {
	key: string;
	name: string;
	size: number;
	type: string;
	offset: number;
	state: 'sending' | 'waiting' | 'failed' | 'done';
	/** Of the server, once it knows it. */
	id?: string;
	error?: ApiError;
}

/**
 * Files that are sent in parts, one after the other. A broken connection is asked
 * how far it came and goes on from there; what was cancelled is removed there too.
 */
export class Uploads {
	items = $state.raw<Upload[]>([]);
	#sources = new Map<string, Source>();
	#busy = false;
	#attempt = 0;
	#timer: ReturnType<typeof setTimeout> | undefined;

	constructor(
		private transport: UploadTransport,
		private random: () => number = Math.random,
	) {}

	get busy(): boolean {
		return this.items.some(({ state }) => state === 'sending' || state === 'waiting');
	}

	/** What can be sent with a message. */
	get ids(): string[] {
		return this.items.flatMap(({ state, id }) => (state === 'done' && id ? [id] : []));
	}

	add(files: readonly Source[]): void {
		const added = files.map((file): Upload => {
			const key = crypto.randomUUID();
			this.#sources.set(key, file);
			return { key, name: file.name, size: file.size, type: file.type, offset: 0, state: 'sending' };
		});
		this.items = [...this.items, ...added];
		void this.#pump();
	}

	/** Takes one out, there as well. */
	remove(key: string): void {
		const item = this.items.find((one) => one.key === key);
		this.items = this.items.filter((one) => one.key !== key);
		this.#sources.delete(key);
		if (item?.id) this.transport.cancel(item.id).catch(() => {});
	}

	retry(key: string): void {
		this.#set(key, { state: 'sending', error: undefined });
		void this.#pump();
	}

	/** They are sent with a message now: no longer ours. */
	release(): void {
		const gone = this.items.filter(({ state }) => state === 'done');
		for (const { key } of gone) this.#sources.delete(key);
		this.items = this.items.filter(({ state }) => state !== 'done');
	}

	/** The connection may be back: does not wait out its pause. */
	resume(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		void this.#pump();
	}

	stop(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
	}

	async #pump(): Promise<void> {
		if (this.#busy || this.#timer) return;
		this.#busy = true;
		try {
			for (let next = this.#next(); next; next = this.#next()) if (!(await this.#sent(next.key))) break;
		} finally {
			this.#busy = false;
		}
	}

	#next(): Upload | undefined {
		return this.items.find(({ state }) => state === 'sending' || state === 'waiting');
	}

	/** False when nothing can be sent now. */
	async #sent(key: string): Promise<boolean> {
		try {
			await this.#send(key);
			this.#attempt = 0;
			return true;
		} catch (thrown) {
			const error = asApiError(thrown);
			if (!isTemporary(error)) {
				this.#set(key, { state: 'failed', error });
				return true;
			}
			this.#set(key, { state: 'waiting', error });
			this.#timer = setTimeout(() => this.resume(), pause(this.#attempt++, this.random));
			return false;
		}
	}

	async #send(key: string): Promise<void> {
		const source = this.#sources.get(key)!;
		const known = this.items.find((one) => one.key === key)?.id;
		let at = known ? await this.transport.ask(known) : await this.transport.begin({ name: source.name, size: source.size });
		for (;;) {
			if (!this.#sources.has(key)) {
				// Taken out meanwhile; the first answer told its id too late for `remove`.
				if (!known) this.transport.cancel(at.id).catch(() => {});
				return;
			}
			this.#set(key, { id: at.id, offset: at.offset, state: at.done ? 'done' : 'sending', error: undefined });
			if (at.done) return;
			at = await this.transport.send(at.id, at.offset, await source.slice(at.offset, at.offset + at.chunk).arrayBuffer());
		}
	}

	#set(key: string, change: Partial<Upload>): void {
		this.items = this.items.map((one) => (one.key === key ? { ...one, ...change } : one));
	}
}
