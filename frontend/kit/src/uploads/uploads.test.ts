import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../api/errors';
import { Uploads, type Begun, type UploadTransport } from './uploads.svelte';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A server that takes four bytes at once. */
class Server implements UploadTransport {
	files = new Map<string, { size: number; bytes: string }>();
	cancelled: string[] = [];
	fails: ApiError[] = [];
	#told(id: string): Begun {
		const { size, bytes } = this.files.get(id)!;
		return { id, offset: bytes.length, chunk: 4, done: bytes.length === size };
	}
	#pass(): void {
		const fail = this.fails.shift();
		if (fail) throw fail;
	}
	async begin({ size }: { size: number }): Promise<Begun> {
		this.#pass();
		const id = `up_${this.files.size + 1}`;
		this.files.set(id, { size, bytes: '' });
		return this.#told(id);
	}
	async ask(id: string): Promise<Begun> {
		this.#pass();
		return this.#told(id);
	}
	async send(id: string, offset: number, bytes: ArrayBuffer): Promise<Begun> {
		this.#pass();
		const file = this.files.get(id)!;
		if (offset !== file.bytes.length) throw new ApiError({ code: 'chat.offset' }, 409);
		file.bytes += new TextDecoder().decode(bytes);
		return this.#told(id);
	}
	async cancel(id: string): Promise<void> {
		this.cancelled.push(id);
	}
}
const file = (name: string, text: string) => new File([text], name);
const make = (...fails: ApiError[]) => {
	const server = new Server();
	server.fails = fails;
	return { server, uploads: new Uploads(server, () => 1) };
};
const done = (uploads: Uploads) => vi.waitFor(() => expect(uploads.busy).toBe(false));
const offline = () => new ApiError({}, 0);

describe('uploads', () => {
	it('go in parts, one file after the other, and are let go with a message', async () => {
		const { server, uploads } = make();
		uploads.add([file('a.txt', 'hello world'), file('b.txt', 'yes')]);
		await done(uploads);
		expect([...server.files.values()].map(({ bytes }) => bytes)).toEqual(['hello world', 'yes']);
		expect(uploads.ids).toEqual(['up_1', 'up_2']);
		uploads.release();
		expect([uploads.items, server.cancelled]).toEqual([[], []]);
	});
	it('go on from where they were after a broken connection', async () => {
		const { server, uploads } = make();
		const send = server.send.bind(server);
		let broken = true;
		server.send = async (...part) => {
			const answer = await send(...part);
			if (part[1] === 4 && broken) {
				broken = false;
				throw offline();
			}
			return answer;
		};
		uploads.add([file('a.txt', 'hello world')]);
		await vi.waitFor(() => expect(uploads.items[0]?.state).toBe('waiting'));
		await vi.advanceTimersByTimeAsync(1_000);
		await done(uploads);
		expect([server.files.get('up_1')?.bytes, server.files.size]).toEqual(['hello world', 1]);
	});
	it('that are refused step aside, with the reason', async () => {
		const { uploads } = make(new ApiError({ detail: 'Too large.' }, 422));
		uploads.add([file('a.txt', 'x'), file('b.txt', 'y')]);
		await done(uploads);
		expect(uploads.items.map(({ state, error }) => [state, error?.message])).toEqual([['failed', 'Too large.'], ['done', undefined]]);
		uploads.retry(uploads.items[0]!.key);
		await done(uploads);
		expect(uploads.ids).toHaveLength(2);
	});
	it('are cancelled there too, even while the first answer is awaited', async () => {
		const { server, uploads } = make();
		uploads.add([file('a.txt', 'hello')]);
		uploads.remove(uploads.items[0]!.key);
		await vi.waitFor(() => expect(server.cancelled).toEqual(['up_1']));
		uploads.add([file('b.txt', 'hello')]);
		await done(uploads);
		uploads.remove(uploads.items[0]!.key);
		expect([uploads.items, server.cancelled]).toEqual([[], ['up_1', 'up_2']]);
	});
});
