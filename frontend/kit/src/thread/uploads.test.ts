import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ApiError } from '../api/errors';
import { offline, settle } from './fake';
import { Uploads, type Carrier, type Progress } from './uploads.svelte';

const chunk = 4;

/** A server that takes files, and loses connections when told to. */
class Shelf implements Carrier {
	files = new Map<string, { size: number; bytes: number[] }>();
	fails: (() => unknown)[] = [];
	puts = 0;
	cancelled: string[] = [];

	#say(id: string): Progress {
		const { size, bytes } = this.files.get(id)!;
		return { id, offset: bytes.length, chunk, done: bytes.length === size };
	}
	async begin(name: string, size: number): Promise<Progress> {
		if (name.endsWith('.exe')) throw new ApiError({ detail: 'Not this kind.' }, 422);
		const id = `up_${this.files.size + 1}`;
		this.files.set(id, { size, bytes: [] });
		return this.#say(id);
	}
	async at(id: string): Promise<Progress> {
		return this.#say(id);
	}
	async put(id: string, offset: number, bytes: ArrayBuffer): Promise<Progress> {
		this.puts += 1;
		const fail = this.fails.shift();
		const file = this.files.get(id)!;
		if (offset !== file.bytes.length) throw new ApiError({ code: 'chat.offset' }, 409);
		const thrown = fail?.();
		if (thrown !== 'after' && thrown) throw thrown;
		file.bytes.push(...new Uint8Array(bytes));
		if (thrown === 'after') throw offline();
		return this.#say(id);
	}
	async cancel(id: string): Promise<void> {
		this.cancelled.push(id);
	}
	text = (id: string) => String.fromCharCode(...this.files.get(id)!.bytes);
}

const make = () => {
	const shelf = new Shelf();
	return { shelf, uploads: new Uploads(shelf, () => 1) };
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('carries files in parts, one after another', async () => {
	const { shelf, uploads } = make();
	uploads.add([new File(['0123456789'], 'a.txt'), new File(['abc'], 'b.txt')]);
	expect(uploads.ready).toBe(false);
	await vi.waitFor(() => expect(uploads.ready).toBe(true));
	expect([shelf.text('up_1'), shelf.text('up_2'), uploads.ids, shelf.puts]).toEqual(['0123456789', 'abc', ['up_1', 'up_2'], 4]);
});
it.each([
	['before', offline],
	['after', () => 'after'],
])('goes on where it was when a connection breaks %s a part arrives', async (_, fail) => {
	const { shelf, uploads } = make();
	shelf.fails = [() => undefined, fail];
	uploads.add([new File(['0123456789'], 'a.txt')]);
	await vi.waitFor(() => expect(uploads.items[0]?.state).toBe('waiting'));
	await vi.advanceTimersByTimeAsync(1_000);
	await vi.waitFor(() => expect(uploads.ready).toBe(true));
	expect(shelf.text('up_1')).toBe('0123456789');
});
it('does not wait out its pause when the connection is back', async () => {
	const { shelf, uploads } = make();
	shelf.fails = [offline];
	uploads.add([new File(['0123'], 'a.txt')]);
	await vi.waitFor(() => expect(uploads.items[0]?.state).toBe('waiting'));
	uploads.resume();
	await vi.waitFor(() => expect(uploads.ready).toBe(true));
});
it('asks for the right place when it was wrong', async () => {
	const { shelf, uploads } = make();
	const at = vi.spyOn(shelf, 'at');
	shelf.fails = [() => new ApiError({ code: 'chat.offset' }, 409)];
	uploads.add([new File(['01234567'], 'a.txt')]);
	await vi.waitFor(() => expect(uploads.ready).toBe(true));
	expect([shelf.text('up_1'), at.mock.calls.length]).toEqual(['01234567', 1]);
});
it('says why a file is refused, and goes on with the next', async () => {
	const { shelf, uploads } = make();
	uploads.add([new File(['x'], 'a.exe'), new File(['abc'], 'b.txt')]);
	await vi.waitFor(() => expect(uploads.items[1]?.state).toBe('done'));
	expect([uploads.items[0]?.error?.message, uploads.ready]).toEqual(['Not this kind.', false]);
	uploads.remove(uploads.items[0]!.key);
	expect([uploads.ready, uploads.ids, shelf.cancelled]).toEqual([true, ['up_1'], []]);
});
it('can be cancelled on its way', async () => {
	const { shelf, uploads } = make();
	shelf.fails = [offline];
	uploads.add([new File(['0123456789'], 'a.txt')]);
	await vi.waitFor(() => expect(uploads.items[0]?.state).toBe('waiting'));
	uploads.remove(uploads.items[0]!.key);
	await vi.advanceTimersByTimeAsync(60_000);
	await settle();
	expect([uploads.items, shelf.cancelled, shelf.puts]).toEqual([[], ['up_1'], 1]);
});
