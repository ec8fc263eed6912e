// A server of one conversation, for the tests of this folder.
import { vi } from 'vitest';
import { ApiError } from '../api/errors';
import { Thread, type Kept } from './thread.svelte';
import type { Ask, Draft, Mark, Message, Outgoing, Page, Transport } from './types';

export interface Said extends Message {
	by: string;
}

export const offline = () => new ApiError({ code: 'offline' }, 0);
export const settle = () => vi.advanceTimersByTimeAsync(0);

/** A server with one conversation, whose answers a test can hold back or spoil. */
export class Server implements Transport<Said> {
	messages: Said[] = [];
	rev = 0;
	asked: Ask[] = [];
	drafts: Draft[] = [];
	marks: Mark[] = [];
	typed = 0;
	fails: (() => unknown)[] = [];
	gate: Promise<void> | undefined;

	async #pass(): Promise<void> {
		await this.gate;
		const fail = this.fails.shift();
		if (fail) throw fail();
	}

	write(by: string, text: string, client_msg_id = `${by}-${text}`): Said {
		const message: Said = { id: `ms_${this.messages.length + 1}`, seq: this.messages.length + 1, rev: ++this.rev, client_msg_id, by, text, html: `<p>${text}</p>`, reactions: [], created_at: '2026-01-01T10:00:00Z', edited_at: null, deleted_at: null };
		this.messages.push(message);
		return message;
	}

	change(id: string, change: Partial<Said>): Said {
		const index = this.messages.findIndex((message) => message.id === id);
		return (this.messages[index] = { ...this.messages[index]!, ...change, rev: ++this.rev });
	}

	async read(ask: Ask): Promise<Page<Said>> {
		this.asked.push(ask);
		const rev = this.rev;
		const { before, changes, limit } = ask;
		let list = changes === undefined ? this.messages.filter(({ seq }) => before === undefined || seq < before) : this.messages.filter((message) => message.rev > changes).sort((a, b) => a.rev - b.rev);
		const more = list.length > limit;
		list = changes === undefined ? list.slice(-limit) : list.slice(0, limit);
		const page = { items: list, last_seq: this.messages.length, rev: changes !== undefined && more ? list.at(-1)!.rev : rev, more };
		await this.#pass();
		return page;
	}
	async send(draft: Draft): Promise<Said> {
		this.drafts.push(draft);
		await this.#pass();
		return this.messages.find(({ client_msg_id }) => client_msg_id === draft.client_msg_id) ?? this.write('me', draft.text, draft.client_msg_id);
	}
	async edit(id: string, text: string): Promise<Said> {
		await this.#pass();
		return this.change(id, { text, html: `<p>${text}</p>`, edited_at: 'now' });
	}
	async remove(id: string): Promise<Said> {
		await this.#pass();
		return this.change(id, { text: '', html: '', deleted_at: 'now' });
	}
	async react(id: string, emoji: string): Promise<Said> {
		await this.#pass();
		return this.change(id, { reactions: emoji ? [{ emoji, by: ['me'] }] : [] });
	}
	async mark(mark: Mark): Promise<void> {
		await this.#pass();
		this.marks.push(mark);
	}
	type(): void {
		this.typed += 1;
	}
}

export const make = (server = new Server()) => {
	const kept: Kept<Said>[] = [];
	const stored = new Map<string, Outgoing<Said>>();
	const queue = { put: (item: Outgoing<Said>) => void stored.set(item.client_msg_id, item), drop: (id: string) => void stored.delete(id) };
	const thread = new Thread<Said>({ transport: server, me: 'me', author: ({ by }) => by, queue, onKnown: (known) => kept.push(known), random: () => 1 });
	return { server, thread, kept, stored };
};
export const texts = (thread: Thread<Said>) => thread.messages.map(({ text }) => text);
export const shown = (thread: Thread<Said>) => thread.rows.map((row) => row.message?.text ?? `${row.outgoing?.text} (${row.outgoing?.state})`);
