import type { Row } from '$kit/thread/thread.svelte';
import type { ChatMessage } from './api';
import { authorOf } from './frames';

/** One line of a conversation with what stands around it. */
export interface Line {
	row: Row<ChatMessage>;
	key: string;
	at: string;
	own: boolean;
	/** The day begins here. */
	day: boolean;
	/** What is new begins here. */
	fresh: boolean;
	/** The line before, and the one behind, are by the same author and close in time. */
	follows: boolean;
	leads: boolean;
}

const close = 5 * 60_000;

/** The lines of a conversation. `dayOf` says on which day a time falls where the client is. */
export function linesOf(rows: readonly Row<ChatMessage>[], me: string, newSince: number | undefined, dayOf: (at: string) => string): Line[] {
	let marked = false;
	let before: { author: string; at: string; day: string } | undefined;
	const lines: Line[] = [];
	for (const row of rows) {
		const at = row.message?.created_at ?? row.outgoing!.created_at;
		const author = row.message ? authorOf(row.message) : me;
		const now = { author, at, day: dayOf(at) };
		const own = author === me;
		const fresh: boolean = !marked && !own && newSince !== undefined && row.message !== undefined && row.message.seq > newSince;
		marked ||= fresh;
		const day = now.day !== before?.day;
		const follows = !day && !fresh && before?.author === author && Date.parse(at) - Date.parse(before.at) < close;
		const last = lines.at(-1);
		if (follows && last) last.leads = true;
		lines.push({ row, key: row.key, at, own, day, fresh, follows, leads: false });
		before = now;
	}
	return lines;
}
