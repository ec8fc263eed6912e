const fold = (text: string) => text.replace(/\s+/g, ' ').trim().toLowerCase();
/** Shorter than this anything is found anywhere. */
const telling = 12;

/** Remembers what was copied from internal notes, so that it is not sent by mistake. */
export class NoteGuard {
	#copied = '';

	copied(text: string): void {
		this.#copied = fold(text);
	}

	/** Whether a text comes from a note: copied here, or standing in one of these. */
	isFromNote(text: string, notes: readonly { text: string }[]): boolean {
		const pasted = fold(text);
		if (pasted === '') return false;
		if (this.#copied !== '' && (pasted === this.#copied || (pasted.length >= telling && this.#copied.includes(pasted)) || (this.#copied.length >= telling && pasted.includes(this.#copied)))) return true;
		return pasted.length >= telling && notes.some((note) => fold(note.text).includes(pasted));
	}
}
