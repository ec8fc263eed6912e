import type { ChatNote, Message } from '$kit/api/types/staff';

export type Mode = 'message' | 'note';

/** What is being changed in place of writing something new. */
export type Editing = { kind: 'message'; message: Message } | { kind: 'note'; note: ChatNote };

interface Kept {
	mode?: Mode;
	message?: string;
	note?: string;
	reply?: Message;
}

const prefix = 'portico.chat.draft.';

/** What is written in a conversation and not sent; it outlives the page. Message and note are two texts. */
export class Draft {
	mode = $state<Mode>('message');
	reply = $state.raw<Message | undefined>(undefined);
	editing = $state.raw<Editing | undefined>(undefined);
	#texts = $state({ message: '', note: '' });
	#edited = $state('');

	constructor(
		private id: string,
		private store: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>,
	) {
		try {
			const kept = JSON.parse(store.getItem(prefix + id) ?? '{}') as Kept;
			this.mode = kept.mode === 'note' ? 'note' : 'message';
			this.#texts = { message: kept.message ?? '', note: kept.note ?? '' };
			this.reply = kept.reply;
		} catch {
			// Nothing readable was kept.
		}
	}

	get text(): string {
		return this.editing ? this.#edited : this.#texts[this.mode];
	}

	set text(value: string) {
		if (this.editing) this.#edited = value;
		else this.#texts[this.mode] = value;
		this.#keep();
	}

	get empty(): boolean {
		return this.text.trim() === '';
	}

	write(mode: Mode): void {
		this.editing = undefined;
		this.mode = mode;
		this.#keep();
	}

	answer(message: Message | undefined): void {
		if (message) this.write('message');
		this.reply = message;
		this.#keep();
	}

	edit(editing: Editing): void {
		this.mode = editing.kind;
		this.editing = editing;
		this.#edited = editing.kind === 'note' ? editing.note.text : editing.message.text;
	}

	/** Gives up the change that is being made; false when there was none. */
	leave(): boolean {
		const was = this.editing !== undefined;
		this.editing = undefined;
		return was;
	}

	/** What was written is on its way. */
	clear(): void {
		if (this.editing) {
			this.editing = undefined;
			return;
		}
		this.#texts[this.mode] = '';
		if (this.mode === 'message') this.reply = undefined;
		this.#keep();
	}

	#keep(): void {
		const kept: Kept = { mode: this.mode, ...this.#texts, reply: this.reply };
		if (kept.message || kept.note || kept.reply) this.store.setItem(prefix + this.id, JSON.stringify(kept));
		else this.store.removeItem(prefix + this.id);
	}
}
