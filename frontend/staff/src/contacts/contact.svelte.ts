import { take, upload } from '$kit/api/client';
import { asApiError, type ApiError } from '$kit/api/errors';
import type { Contact, ContactInput, Note, TimelineItem } from '$kit/api/types/staff';
import { Form } from '$kit/forms/form.svelte';
import { Feed } from '$kit/lists/feed.svelte';
import type { Toasts } from '$kit/ui/toast/toasts.svelte';
import type { Api } from '$staff/api';
import { t } from '$staff/i18n';

const fields = ['name', 'emails', 'phones', 'company', 'address', 'language', 'time_zone', 'birthday', 'tags'] as const;
const photoTypes = ['image/png', 'image/jpeg', 'image/webp'];
const photoLimit = 5 * 1024 * 1024;

const noAddress = { street: '', city: '', region: '', postal_code: '', country: '' };

/** What can be edited; parts of an address that are not known are empty. */
export function inputOf(contact: Contact): ContactInput {
	const input = Object.fromEntries(fields.map((field) => [field, contact[field]])) as unknown as ContactInput;
	return { ...input, address: { ...noAddress, ...contact.address } };
}

/** One contact with notes and activity. */
export class ContactDetail {
	contact = $state.raw<Contact | undefined>(undefined);
	error = $state.raw<ApiError | undefined>(undefined);
	form = $state.raw<Form<ContactInput> | undefined>(undefined);
	activitySearch = $state('');
	readonly notes: Feed<Note>;
	readonly activity: Feed<TimelineItem>;
	#path: { path: { id: string } };

	constructor(
		readonly id: string,
		private api: Api,
		private toasts: Toasts,
	) {
		this.#path = { path: { id } };
		this.notes = new Feed((cursor, signal) => take(api.GET('/api/staff/contacts/{id}/notes', { params: { ...this.#path, query: { cursor } }, signal })));
		this.activity = new Feed((cursor, signal) => take(api.GET('/api/staff/overview/contacts/{id}/timeline', { params: { ...this.#path, query: { cursor, search: this.activitySearch.trim() || undefined } }, signal })));
	}

	/** Fetches anew; what is being typed stays. */
	async load(): Promise<void> {
		try {
			this.#show(await take(this.api.GET('/api/staff/contacts/{id}', { params: this.#path })));
			this.error = undefined;
		} catch (thrown) {
			this.error = asApiError(thrown);
		}
	}

	async save(): Promise<boolean> {
		const saved = await this.form?.submit(async (values) => {
			const contact = await take(this.api.PATCH('/api/staff/contacts/{id}', { params: this.#path, body: this.#changes(values) }));
			this.contact = contact;
			return inputOf(contact);
		});
		if (saved) void this.activity.load();
		return saved ?? false;
	}

	async setArchived(archived: boolean): Promise<void> {
		const before = this.contact;
		if (!before) return;
		this.contact = { ...before, archived };
		const path = archived ? '/api/staff/contacts/{id}/archive' : '/api/staff/contacts/{id}/unarchive';
		try {
			this.#show(await take(this.api.POST(path, { params: this.#path })));
			this.toasts.show({ text: t(archived ? 'contacts.archived_one' : 'contacts.unarchived_one', { name: before.name }), undo: () => this.setArchived(!archived) });
		} catch (thrown) {
			this.contact = before;
			this.#tell(thrown);
		}
	}

	/** Deletes; `restored` is called when it is taken back. */
	async remove(restored: () => void): Promise<boolean> {
		const name = this.contact?.name ?? '';
		try {
			await take(this.api.DELETE('/api/staff/contacts/{id}', { params: this.#path }));
		} catch (thrown) {
			this.#tell(thrown);
			return false;
		}
		const undo = async () => {
			this.#show(await take(this.api.POST('/api/staff/contacts/{id}/restore', { params: this.#path })));
			restored();
		};
		this.toasts.show({ text: t('contacts.deleted_one', { name }), undo });
		return true;
	}

	async setPhoto(file: File): Promise<void> {
		if (!photoTypes.includes(file.type) || file.size > photoLimit) {
			this.toasts.error(t('contacts.photo_type'));
			return;
		}
		try {
			this.#show(await take(this.api.PUT('/api/staff/contacts/{id}/photo', { params: this.#path, ...upload(await file.arrayBuffer(), file.type) })));
		} catch (thrown) {
			this.#tell(thrown);
		}
	}

	async removePhoto(): Promise<void> {
		const before = this.contact;
		if (!before) return;
		this.contact = { ...before, photo_url: null };
		try {
			this.#show(await take(this.api.DELETE('/api/staff/contacts/{id}/photo', { params: this.#path })));
		} catch (thrown) {
			this.contact = before;
			this.#tell(thrown);
		}
	}

	async searchActivity(text: string): Promise<void> {
		this.activitySearch = text;
		await this.activity.load();
	}

	/** Adds a note; false (and the text is kept by the page) when it was not saved. */
	async addNote(text: string): Promise<boolean> {
		try {
			this.notes.put(await take(this.api.POST('/api/staff/contacts/{id}/notes', { params: this.#path, body: { text } })));
			return true;
		} catch (thrown) {
			this.#tell(thrown);
			return false;
		}
	}

	async editNote(note: Note, text: string): Promise<boolean> {
		this.notes.put({ ...note, text });
		try {
			this.notes.put(await take(this.api.PATCH('/api/staff/contacts/{id}/notes/{note_id}', { params: { path: { id: this.id, note_id: note.id } }, body: { text } })));
			return true;
		} catch (thrown) {
			this.notes.put(note);
			this.#tell(thrown);
			return false;
		}
	}

	async removeNote(note: Note): Promise<void> {
		const params = { path: { id: this.id, note_id: note.id } };
		const back = this.notes.take(note.id);
		try {
			await take(this.api.DELETE('/api/staff/contacts/{id}/notes/{note_id}', { params }));
			const undo = async () => {
				await take(this.api.POST('/api/staff/contacts/{id}/notes/{note_id}/restore', { params }));
				back();
			};
			this.toasts.show({ text: t('contacts.note_deleted'), undo });
		} catch (thrown) {
			back();
			this.#tell(thrown);
		}
	}

	#show(contact: Contact): void {
		this.contact = contact;
		const input = inputOf(contact);
		if (this.form) this.form.refresh(input);
		else this.form = new Form(input, { draft: `contact.${contact.id}`, check: (values) => (values.name.trim() ? {} : { name: t('contacts.name_needed') }) });
	}

	/** Only what differs is sent: somebody else may have changed the rest. */
	#changes(values: ContactInput): Partial<ContactInput> {
		const old = inputOf(this.contact!);
		return Object.fromEntries(fields.filter((field) => JSON.stringify(values[field]) !== JSON.stringify(old[field])).map((field) => [field, values[field]]));
	}

	#tell(thrown: unknown): void {
		this.toasts.error(asApiError(thrown).message);
	}
}
