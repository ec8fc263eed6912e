import type { ChatNote, Message } from '$kit/api/types/staff';
import type { Row } from '$kit/thread/thread.svelte';
import { wallTime } from './zone';

/** What stands in a conversation, from above to below. */
export type Entry =
	| { kind: 'day'; key: string; at: string }
	| { kind: 'unread'; key: string }
	| { kind: 'note'; key: string; note: ChatNote }
	| { kind: 'message'; key: string; row: Row<Message>; mine: boolean; first: boolean; last: boolean };

interface Given {
	rows: readonly Row<Message>[];
	notes: readonly ChatNote[];
	/** There is more above; notes that belong up there wait for it. */
	hasOlder: boolean;
	/** What staff had read when they came; undefined draws no line. */
	readBefore?: number;
	zone: string | undefined;
}

/** Messages of one author that follow each other this closely are one group. */
const together = 5 * 60_000;

type Said = Extract<Entry, { kind: 'message' }>;

/** Messages and notes in order, with days between them and groups put together. */
export function timeline({ rows, notes, hasOlder, readBefore, zone }: Given): Entry[] {
	const out: Entry[] = [];
	let day = '';
	let lineDrawn = readBefore === undefined;
	const dayOf = (at: string) => {
		const { year, month, day } = wallTime(new Date(at).getTime(), zone);
		return `${year}-${month}-${day}`;
	};
	const under = (at: string) => {
		const its = dayOf(at);
		if (its !== day) out.push({ kind: 'day', key: `day ${its} ${out.length}`, at });
		day = its;
	};
	const first = rows[0]?.message?.seq ?? 0;
	const waiting = [...notes].filter((note) => !hasOlder || note.after_seq >= first).sort((a, b) => a.after_seq - b.after_seq || a.created_at.localeCompare(b.created_at));
	const notesUpTo = (seq: number) => {
		while (waiting[0] && waiting[0].after_seq < seq) {
			const note = waiting.shift()!;
			under(note.created_at);
			out.push({ kind: 'note', key: note.id, note });
		}
	};
	for (const row of rows) {
		notesUpTo(row.message?.seq ?? Infinity);
		const at = (row.message ?? row.outgoing).created_at;
		under(at);
		const mine = !row.message || row.message.author.kind === 'staff';
		if (!lineDrawn && row.message && row.message.seq > readBefore! && !mine) {
			out.push({ kind: 'unread', key: 'unread' });
			lineDrawn = true;
		}
		const said: Said = { kind: 'message', key: row.key, row, mine, first: true, last: true };
		const above = out.at(-1);
		if (above?.kind === 'message' && belongs(above, said)) {
			above.last = false;
			said.first = false;
		}
		out.push(said);
	}
	notesUpTo(Infinity);
	return out;
}

function belongs(above: Said, said: Said): boolean {
	const [a, b] = [above.row.message ?? above.row.outgoing, said.row.message ?? said.row.outgoing];
	if (above.mine !== said.mine) return false;
	return new Date(b.created_at).getTime() - new Date(a.created_at).getTime() < together && sameAuthor(above.row.message, said.row.message);
}

/** One on its way has no author yet: it is ours. */
function sameAuthor(a: Message | undefined, b: Message | undefined): boolean {
	return !a || !b || (a.author.contact_id === b.author.contact_id && a.author.name === b.author.name);
}
