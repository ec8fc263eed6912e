import { take, upload } from '$kit/api/client';
import { asApiError, type ApiError } from '$kit/api/errors';
import type { ChatNote, ConversationWhole, Message, PastText } from '$kit/api/types/staff';
import { Thread } from '$kit/thread/thread.svelte';
import type { Queue } from '$kit/thread/types';
import { Uploads } from '$kit/thread/uploads.svelte';
import type { Toasts } from '$kit/ui/toast/toasts.svelte';
import type { Api } from '$staff/api';
import { t } from '$staff/i18n';
import { Draft } from './drafts.svelte';
import type { Frames } from './frames';
import { Later } from './later.svelte';

/** How far a message has come, among those who are to get it. */
export interface Reach {
	read: number;
	delivered: number;
	of: number;
}

/** Members beyond these are not listed, so their marks are not known one by one. */
const listed = 200;
const gather = 150;
/** Before the id of a note that is on its way. */
const unsaved = 'new ';

/** One conversation: its people, its messages with the notes between them, and what is being written. */
export class Talk {
	whole = $state.raw<ConversationWhole | undefined>(undefined);
	error = $state.raw<ApiError | undefined>(undefined);
	notes = $state.raw<ChatNote[]>([]);
	readonly thread: Thread<Message>;
	readonly draft: Draft;
	readonly files: Uploads;
	readonly later: Later;
	/** How far staff had read when the conversation was opened. */
	readBefore = $state<number | undefined>(undefined);
	#path: { path: { id: string } };
	#later: ReturnType<typeof setTimeout> | undefined;

	constructor(
		readonly id: string,
		private api: Api,
		private toasts: Toasts,
		store: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>,
		queue?: Queue<Message>,
	) {
		this.#path = { path: { id } };
		this.draft = new Draft(id, store);
		this.later = new Later(id, api, toasts);
		const at = (upload_id: string) => ({ params: { path: { upload_id } } });
		this.files = new Uploads({
			begin: (name, size) => take(api.POST('/api/staff/chat/uploads', { body: { name, size } })),
			at: (file) => take(api.GET('/api/staff/chat/uploads/{upload_id}', at(file))),
			put: (upload_id, offset, bytes) => take(api.PATCH('/api/staff/chat/uploads/{upload_id}', { params: { path: { upload_id }, query: { offset } }, ...upload(bytes, 'application/octet-stream') })),
			cancel: async (file) => void (await take(api.DELETE('/api/staff/chat/uploads/{upload_id}', at(file)))),
		});
		const of = (message: string) => ({ params: { path: { id, message_id: message } } });
		this.thread = new Thread<Message>({
			me: 'staff',
			author: ({ author }) => (author.kind === 'staff' ? 'staff' : (author.contact_id ?? '')),
			queue,
			transport: {
				read: async (query) => {
					const page = await take(api.GET('/api/staff/chat/conversations/{id}/messages', { params: { ...this.#path, query } }));
					this.#putNotes(page.notes);
					return page;
				},
				send: (body) => take(api.POST('/api/staff/chat/conversations/{id}/messages', { params: this.#path, body })),
				edit: (message, text) => take(api.PATCH('/api/staff/chat/conversations/{id}/messages/{message_id}', { ...of(message), body: { text } })),
				remove: (message) => take(api.DELETE('/api/staff/chat/conversations/{id}/messages/{message_id}', of(message))),
				react: (message, emoji) => take(api.PUT('/api/staff/chat/conversations/{id}/messages/{message_id}/reaction', { ...of(message), body: { emoji } })),
				mark: async (body) => void (await take(api.POST('/api/staff/chat/conversations/{id}/marks', { params: this.#path, body }))),
				type: () => void api.POST('/api/staff/chat/conversations/{id}/typing', { params: this.#path }).catch(() => {}),
			},
		});
	}

	get canType(): boolean {
		return this.whole !== undefined && this.whole.kind !== 'broadcast';
	}

	/** Everything anew; what is shown stays until it is there. */
	async load(): Promise<void> {
		await Promise.all([this.loadWhole(), this.thread.sync(), this.later.load()]);
	}

	async loadWhole(): Promise<void> {
		try {
			this.#show(await take(this.api.GET('/api/staff/chat/conversations/{id}', { params: this.#path })));
		} catch (thrown) {
			this.error = asApiError(thrown);
		}
	}

	/** The frames are gone or the connection is back. */
	resume(): void {
		void this.loadWhole();
		void this.later.load();
		this.thread.resume();
		this.files.resume();
	}

	stop(): void {
		clearTimeout(this.#later);
		this.thread.stop();
	}

	/** The conversation is looked at from its beginning on: where reading goes on is drawn. */
	opened(): void {
		this.readBefore = this.whole && this.whole.unread > 0 ? this.whole.read : undefined;
	}

	/** What is on screen was seen. */
	seen(): void {
		const last = this.thread.lastSeq;
		if (last > 0) this.thread.marks.move({ read: last });
	}

	received(frame: Frames['chat.message'] | undefined): void {
		if (frame) this.thread.receive(frame.message);
		else this.resume();
		if (!frame) return;
		this.#turned(frame.message);
		this.#soon();
	}

	/** Whose turn it is after a new message; the server says the same a moment later. */
	#turned(message: Message): void {
		const whole = this.whole;
		if (!whole || message.seq <= whole.last_seq) return;
		this.whole = { ...whole, last_seq: message.seq, state: message.author.kind === 'client' ? 'waiting' : 'done', snoozed_until: null };
	}

	noted(frame: Frames['chat.note'] | undefined): void {
		if (!frame) return;
		// Ours may come this way before it is answered.
		const pending = this.notes.find(({ id, text }) => id.startsWith(unsaved) && text === frame.note.text);
		if (pending) this.#dropNote(pending.id);
		this.#putNotes([frame.note]);
	}

	marked(frame: Frames['chat.marks'] | undefined): void {
		if (!frame) return;
		this.thread.marks.put(frame.who, frame);
		if (frame.who !== 'staff' && (this.whole?.member_count ?? 0) > listed) this.#soon();
	}

	typed(frame: Frames['chat.typing'] | undefined): void {
		if (frame) this.thread.marks.typed(frame.who, frame.name ?? '');
	}

	present(frame: Frames['chat.presence'] | undefined): void {
		const whole = this.whole;
		if (!frame || !whole?.members.some((member) => member.contact_id === frame.who)) return;
		const set = <Member extends { contact_id: string }>(member: Member) => (member.contact_id === frame.who ? { ...member, online: frame.online } : member);
		this.whole = { ...whole, members: whole.members.map(set), contact: whole.contact && set(whole.contact) };
	}

	/** How far a message of ours has come. */
	reach(message: Message): Reach {
		const whole = this.whole;
		const of = whole?.member_count ?? 0;
		if (whole && of > listed) return message.seq === whole.last_seq ? { read: whole.read_by, delivered: whole.delivered_to, of } : { read: 0, delivered: 0, of };
		const members = new Set(whole?.members.map((member) => member.contact_id));
		const { read, delivered } = this.thread.marks.reached(message.seq);
		const count = (keys: string[]) => keys.filter((key) => members.has(key)).length;
		return { read: count(read), delivered: count(delivered), of };
	}

	/** Sends a text as what it is written as. */
	async submit(text: string): Promise<void> {
		const { draft } = this;
		const { editing, mode, reply } = draft;
		draft.clear();
		if (editing?.kind === 'message') {
			if (text !== editing.message.text && this.#tell(await this.thread.edit(editing.message.id, text))) this.#restore(editing, text);
		} else if (editing?.kind === 'note') {
			if (text !== editing.note.text && !(await this.#changeNote(editing.note, text))) this.#restore(editing, text);
		} else if (mode === 'note') {
			if (!(await this.#addNote(text)) && draft.mode === 'note' && draft.empty) draft.text = text;
		} else {
			const { ids, items } = this.files;
			this.files.taken();
			this.thread.send(text, { replyTo: reply, attachments: ids.length > 0 ? ids : undefined, files: items.map(({ file }) => file.name), quote: reply && { seq: reply.seq, author: reply.author, excerpt: reply.text } });
		}
	}

	/** What was refused is to be written again, not lost. */
	#restore(editing: NonNullable<Draft['editing']>, text: string): void {
		if (this.draft.editing || !this.draft.empty) return;
		this.draft.edit(editing);
		this.draft.text = text;
	}

	async remove(message: Message): Promise<void> {
		this.#tell(await this.thread.remove(message.id));
	}

	async react(message: Message, emoji: string): Promise<void> {
		this.#tell(await this.thread.react(message.id, emoji));
	}

	/** What a message said before, oldest first. */
	async edits(message: Message): Promise<PastText[]> {
		return (await take(this.api.GET('/api/staff/chat/conversations/{id}/messages/{message_id}/edits', { params: { path: { id: this.id, message_id: message.id } } }))).items;
	}

	async removeNote(note: ChatNote): Promise<void> {
		this.#putNotes([{ ...note, text: '', html: '', deleted_at: new Date().toISOString() }]);
		try {
			await take(this.api.DELETE('/api/staff/chat/conversations/{id}/notes/{note_id}', { params: { path: { id: this.id, note_id: note.id } } }));
		} catch (thrown) {
			this.#putNotes([note]);
			this.#tell(asApiError(thrown));
		}
	}

	async rename(title: string): Promise<boolean> {
		const before = this.whole;
		if (!before || title === before.title) return true;
		this.whole = { ...before, title };
		return this.#change(before, take(this.api.PATCH('/api/staff/chat/conversations/{id}', { params: this.#path, body: { title } })));
	}

	async addMembers(contact_ids: string[]): Promise<boolean> {
		return this.#change(this.whole, take(this.api.POST('/api/staff/chat/conversations/{id}/members', { params: this.#path, body: { contact_ids } })));
	}

	async removeMember(contact_id: string, name: string): Promise<void> {
		const before = this.whole;
		if (!before) return;
		this.whole = { ...before, members: before.members.filter((member) => member.contact_id !== contact_id), member_count: before.member_count - 1 };
		if (await this.#change(before, take(this.api.DELETE('/api/staff/chat/conversations/{id}/members/{contact_id}', { params: { path: { id: this.id, contact_id } } })))) {
			this.toasts.show({ text: t('chat.member_removed', { name }), undo: async () => void (await this.addMembers([contact_id])) });
		}
	}

	async #change(before: ConversationWhole | undefined, call: Promise<ConversationWhole>): Promise<boolean> {
		try {
			this.#show(await call);
			return true;
		} catch (thrown) {
			this.whole = before;
			this.#tell(asApiError(thrown));
			return false;
		}
	}

	async #addNote(text: string): Promise<boolean> {
		const now = new Date().toISOString();
		const pending: ChatNote = { id: unsaved + crypto.randomUUID(), after_seq: this.thread.lastSeq, text, html: '', author: '', created_at: now, edited_at: null, deleted_at: null };
		this.#putNotes([pending]);
		try {
			const note = await take(this.api.POST('/api/staff/chat/conversations/{id}/notes', { params: this.#path, body: { text } }));
			this.#dropNote(pending.id);
			this.#putNotes([note]);
			return true;
		} catch (thrown) {
			this.#dropNote(pending.id);
			this.#tell(asApiError(thrown));
			return false;
		}
	}

	async #changeNote(note: ChatNote, text: string): Promise<boolean> {
		this.#putNotes([{ ...note, text, html: '', edited_at: new Date().toISOString() }]);
		try {
			this.#putNotes([await take(this.api.PATCH('/api/staff/chat/conversations/{id}/notes/{note_id}', { params: { path: { id: this.id, note_id: note.id } }, body: { text } }))]);
			return true;
		} catch (thrown) {
			this.#putNotes([note]);
			this.#tell(asApiError(thrown));
			return false;
		}
	}

	#putNotes(notes: readonly ChatNote[]): void {
		if (notes.length === 0) return;
		const all = new Map(this.notes.map((note) => [note.id, note]));
		for (const note of notes) all.set(note.id, note);
		this.notes = [...all.values()];
	}

	#dropNote(id: string): void {
		this.notes = this.notes.filter((note) => note.id !== id);
	}

	#show(whole: ConversationWhole): void {
		const first = this.whole === undefined;
		this.whole = whole;
		this.error = undefined;
		for (const mark of whole.marks) this.thread.marks.put(mark.who, mark);
		if (first) this.opened();
	}

	#soon(): void {
		this.#later ??= setTimeout(() => {
			this.#later = undefined;
			void this.loadWhole();
		}, gather);
	}

	/** Says what went wrong; false when nothing did. */
	#tell(error: ApiError | undefined): boolean {
		if (error) this.toasts.error(error.fields[0]?.message ?? error.message);
		return error !== undefined;
	}
}
