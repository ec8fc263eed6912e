import { asApiError, type ApiError } from '../api/errors';
import { isTemporary, pause } from './outbox.svelte';

/** How far a file has come, as the server says. */
export interface Progress {
	id: string;
	offset: number;
	/** The most that is taken at once. */
	chunk: number;
	done: boolean;
}

/** How files reach the server, in parts. */
export interface Carrier {
	begin(name: string, size: number): Promise<Progress>;
	at(id: string): Promise<Progress>;
	put(id: string, offset: number, bytes: ArrayBuffer): Promise<Progress>;
	cancel(id: string): Promise<void>;
}

/** One file on its way. After a broken connection it goes on from where it was. */
export class Upload {
	readonly key = crypto.randomUUID();
	/** Bytes that have arrived. */
	offset = $state(0);
	state = $state<'going' | 'waiting' | 'failed' | 'done'>('going');
	error = $state.raw<ApiError | undefined>(undefined);
	id: string | undefined;
	#attempt = 0;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#busy = false;
	#ended = false;

	constructor(
		readonly file: File,
		private carrier: Carrier,
		/** It is there, or was refused. */
		private onDone: () => void,
		private random: () => number = Math.random,
	) {}

	async start(): Promise<void> {
		if (this.#busy || this.#ended || this.state === 'done') return;
		clearTimeout(this.#timer);
		this.#busy = true;
		if (this.state === 'failed') this.state = 'going';
		try {
			await this.#carry();
			this.#busy = false;
			if (!this.#ended) this.onDone();
		} catch (thrown) {
			this.#busy = false;
			this.#failed(asApiError(thrown));
		}
	}

	/** The connection may be back. */
	resume(): void {
		if (this.state === 'waiting') void this.start();
	}

	/** Gives it up; what has arrived is removed. */
	cancel(): void {
		this.#ended = true;
		clearTimeout(this.#timer);
		if (this.id) this.carrier.cancel(this.id).catch(() => {});
	}

	async #carry(): Promise<void> {
		// Where it stopped says the server: the last part may have arrived without its answer.
		let now = this.id ? await this.carrier.at(this.id) : await this.carrier.begin(this.file.name, this.file.size);
		while (!this.#ended) {
			this.id = now.id;
			this.offset = now.offset;
			this.#attempt = 0;
			if (now.done) {
				this.state = 'done';
				this.error = undefined;
				return;
			}
			this.state = 'going';
			const bytes = await this.file.slice(now.offset, now.offset + now.chunk).arrayBuffer();
			now = await this.carrier.put(now.id, now.offset, bytes).catch((thrown: unknown) => {
				if (asApiError(thrown).status === 409) return this.carrier.at(now.id);
				throw thrown;
			});
		}
		this.carrier.cancel(now.id).catch(() => {});
	}

	#failed(error: ApiError): void {
		this.error = error;
		if (this.#ended || !isTemporary(error)) {
			this.state = 'failed';
			if (!this.#ended) this.onDone();
			return;
		}
		this.state = 'waiting';
		this.#timer = setTimeout(() => void this.start(), pause(this.#attempt++, this.random));
	}
}

/** Files that go with the next message; one after another, so that the first is there soon. */
export class Uploads {
	items = $state.raw<Upload[]>([]);

	constructor(
		private carrier: Carrier,
		private random: () => number = Math.random,
	) {}

	/** Nothing is on its way any more, and nothing failed. */
	get ready(): boolean {
		return this.items.every(({ state }) => state === 'done');
	}

	get ids(): string[] {
		return this.items.flatMap(({ id }) => (id ? [id] : []));
	}

	add(files: readonly File[]): void {
		this.items = [...this.items, ...files.map((file) => new Upload(file, this.carrier, () => this.#next(), this.random))];
		this.#next();
	}

	remove(key: string): void {
		this.items.find((one) => one.key === key)?.cancel();
		this.items = this.items.filter((one) => one.key !== key);
		this.#next();
	}

	/** They went with a message. */
	taken(): void {
		this.items = [];
	}

	resume(): void {
		for (const item of this.items) item.resume();
	}

	#next(): void {
		void this.items.find(({ state }) => state === 'going' || state === 'waiting')?.start();
	}
}
