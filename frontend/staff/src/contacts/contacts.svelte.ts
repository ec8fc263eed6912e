import { take } from '$kit/api/client';
import { asApiError } from '$kit/api/errors';
import type { Contact, ContactInput, Tag, View } from '$kit/api/types/staff';
import { Paged } from '$kit/lists/paged.svelte';
import { Selection } from '$kit/lists/selection.svelte';
import type { Toasts } from '$kit/ui/toast/toasts.svelte';
import type { Work } from '$kit/work/work.svelte';
import type { Api } from '$staff/api';
import { t } from '$staff/i18n';
import { everyone, filterOf, standardColumns, viewOf, type Query } from './query';

export type BulkAction = 'add_tag' | 'remove_tag' | 'archive' | 'unarchive' | 'delete' | 'restore';

const labels = { add_tag: 'contacts.tagging', remove_tag: 'contacts.untagging', archive: 'contacts.archiving', unarchive: 'contacts.unarchiving', delete: 'contacts.deleting', restore: 'contacts.restoring' } as const;
const done = { add_tag: 'contacts.tagged', remove_tag: 'contacts.untagged', archive: 'contacts.archived', unarchive: 'contacts.unarchived', delete: 'contacts.deleted', restore: 'contacts.restored' } as const;
const inverse: Partial<Record<BulkAction, BulkAction>> = { archive: 'unarchive', unarchive: 'archive', delete: 'restore' };
const chunk = 200;

/** The list of contacts: what is asked, what is shown, what is chosen. */
export class Contacts {
	query = $state.raw<Query>(everyone);
	columns = $state<string[]>(standardColumns);
	/** Nothing matched literally; these words were meant. */
	corrected = $state<string | undefined>(undefined);
	tags = $state.raw<Tag[]>([]);
	views = $state.raw<View[]>([]);
	readonly selection = new Selection();
	readonly rows: Paged<Contact>;

	constructor(
		private api: Api,
		private toasts: Toasts,
		private work: Work,
	) {
		this.rows = new Paged<Contact>({
			key: (contact) => contact.id,
			load: async ({ limit, cursor, offset, signal }) => {
				const query = { ...filterOf(this.query), sort: this.query.sort, limit, cursor, offset };
				const page = await take(this.api.GET('/api/staff/contacts', { params: { query }, signal }));
				if (!cursor && !offset && !signal.aborted) this.corrected = page.corrected ?? undefined;
				return page;
			},
			count: async (signal) => (await take(this.api.GET('/api/staff/contacts/count', { params: { query: filterOf(this.query) }, signal }))).count,
		});
	}

	async load(): Promise<void> {
		await Promise.all([this.rows.restart(), this.loadTags(), this.loadViews()]);
	}

	/** Asks something else: starts at the top with nothing chosen. */
	async ask(change: Partial<Query>): Promise<void> {
		this.query = { ...this.query, ...change };
		this.selection.clear();
		await this.rows.restart();
	}

	async loadTags(): Promise<void> {
		this.tags = (await this.#try(take(this.api.GET('/api/staff/tags'))))?.items ?? this.tags;
	}

	async loadViews(): Promise<void> {
		const answer = await this.#try(take(this.api.GET('/api/staff/views')));
		if (answer) this.views = answer.items.map(viewOf);
	}

	async applyView(view: View): Promise<void> {
		this.columns = view.columns;
		await this.ask(view.query);
	}

	async saveView(name: string): Promise<void> {
		const body = { name, query: this.query, columns: $state.snapshot(this.columns) };
		const saved = await take(this.api.POST('/api/staff/views', { body }));
		this.views = [...this.views, viewOf(saved)];
		this.toasts.show({ text: t('contacts.view_saved', { name }) });
	}

	async deleteView(view: View): Promise<void> {
		const before = this.views;
		this.views = before.filter((other) => other.id !== view.id);
		try {
			await take(this.api.DELETE('/api/staff/views/{id}', { params: { path: { id: view.id } } }));
			const { name, query, columns } = view;
			const undo = async () => {
				const again = await take(this.api.POST('/api/staff/views', { body: { name, query, columns } }));
				this.views = [...this.views, viewOf(again)];
			};
			this.toasts.show({ text: t('contacts.view_deleted', { name }), undo });
		} catch (thrown) {
			this.views = before;
			this.toasts.error(asApiError(thrown).message);
		}
	}

	async colorTag(tag: Tag, color: Tag['color']): Promise<void> {
		const before = this.tags;
		this.tags = before.map((other) => (other.id === tag.id ? { ...other, color } : other));
		try {
			await take(this.api.PATCH('/api/staff/tags/{id}', { params: { path: { id: tag.id } }, body: { color } }));
		} catch (thrown) {
			this.tags = before;
			this.toasts.error(asApiError(thrown).message);
		}
	}

	/** Throws when the name is taken or too long. Whoever carries the tag is shown with the new name. */
	async renameTag(tag: Tag, name: string): Promise<void> {
		const saved = await take(this.api.PATCH('/api/staff/tags/{id}', { params: { path: { id: tag.id } }, body: { name } }));
		this.tags = this.tags.map((other) => (other.id === tag.id ? saved : other)).sort((a, b) => a.name.localeCompare(b.name));
		this.#retag(tag.name, saved.name);
		this.toasts.show({ text: t('contacts.tag_renamed', { name: saved.name }) });
	}

	/** Takes the tag off everybody, for good. False when that was refused. */
	async deleteTag(tag: Tag): Promise<boolean> {
		try {
			await take(this.api.DELETE('/api/staff/tags/{id}', { params: { path: { id: tag.id } } }));
		} catch (thrown) {
			this.toasts.error(asApiError(thrown).message);
			return false;
		}
		this.tags = this.tags.filter((other) => other.id !== tag.id);
		this.#retag(tag.name, undefined);
		this.toasts.show({ text: t('contacts.tag_deleted', { name: tag.name }) });
		return true;
	}

	/** A tag has another name, or is gone: in the filter, then in the rows. */
	#retag(before: string, after: string | undefined): void {
		const swap = (tags: string[]) => tags.flatMap((tag) => (tag !== before ? [tag] : after === undefined ? [] : [after]));
		if (this.query.tags.includes(before)) {
			void this.ask({ tags: swap(this.query.tags) });
			return;
		}
		const keys = this.rows.loaded.filter((row) => row.tags.includes(before)).map((row) => row.id);
		this.rows.patch(new Set(keys), (row) => ({ ...row, tags: swap(row.tags) }));
	}

	colorOf(name: string): Tag['color'] {
		return this.tags.find((tag) => tag.name === name)?.color ?? 'gray';
	}

	async create(input: Partial<ContactInput>): Promise<Contact> {
		const made = await take(this.api.POST('/api/staff/contacts', { body: input }));
		this.toasts.show({ text: t('contacts.created', { name: made.name }) });
		void this.rows.refresh();
		return made;
	}

	/** Changes one contact at once; takes it back with a sentence when it was refused. */
	async edit(contact: Contact, change: Partial<ContactInput>): Promise<boolean> {
		const back = this.rows.patch(new Set([contact.id]), (row) => ({ ...row, ...change, address: { ...row.address, ...change.address } }));
		try {
			const saved = await this.#patch(contact.id, change);
			const before = Object.fromEntries(Object.keys(change).map((key) => [key, contact[key as keyof Contact]])) as Partial<ContactInput>;
			const undo = async () => void (await this.#patch(contact.id, before));
			this.toasts.show({ text: t('contacts.changed', { name: saved.name }), undo });
			return true;
		} catch (thrown) {
			back();
			const error = asApiError(thrown);
			this.toasts.error(error.fields[0]?.message ?? error.message);
			return false;
		}
	}

	/** Chooses everyone the question matches, also those not fetched yet. */
	async selectAll(): Promise<void> {
		const answer = await this.#try(take(this.api.GET('/api/staff/contacts/ids', { params: { query: { ...filterOf(this.query), limit: 100_000 } } })));
		if (answer) this.selection.replace(answer.ids);
	}

	/** Does something to many, in the tray when it is long; what can be taken back is offered so. */
	bulk(action: BulkAction, ids: string[], tag = '', quiet = false): void {
		const gone = action === 'delete' || (action === 'archive' && this.query.state === 'active');
		const keys = new Set(ids);
		const back = gone ? this.rows.remove(keys) : this.rows.patch(keys, (row) => ({ ...row, tags: retag(row.tags, action, tag) }));
		if (gone) this.selection.clear();
		this.work.start({
			label: t(labels[action], { count: ids.length, tag }),
			ids,
			chunk,
			send: async (part) => {
				const { results } = await take(this.api.POST('/api/staff/contacts/bulk', { body: { contact_ids: part, action, tag } }));
				return results.map((result) => ({ id: result.contact_id, label: this.#nameOf(result.contact_id), status: result.status, reason: result.reason }));
			},
			finished: (task) => {
				if (task.state === 'failed' && task.done === 0) back();
				void this.rows.refresh();
				void this.loadTags();
				if (task.state !== 'done' || task.failed.length > 0) return;
				this.work.dismiss(task);
				const undone = inverse[action];
				if (!quiet) this.toasts.show({ text: t(done[action], { count: ids.length, tag }), undo: undone && (() => this.bulk(undone, ids, tag, true)) });
			},
		});
	}

	async #patch(id: string, body: Partial<ContactInput>): Promise<Contact> {
		const saved = await take(this.api.PATCH('/api/staff/contacts/{id}', { params: { path: { id } }, body }));
		this.rows.patch(new Set([id]), () => saved);
		return saved;
	}

	#nameOf(id: string): string {
		return this.rows.loaded.find((contact) => contact.id === id)?.name ?? id;
	}

	async #try<Data>(call: Promise<Data>): Promise<Data | undefined> {
		try {
			return await call;
		} catch (thrown) {
			this.toasts.error(asApiError(thrown).message);
			return undefined;
		}
	}
}

function retag(tags: string[], action: BulkAction, tag: string): string[] {
	if (action === 'add_tag') return tags.includes(tag) ? tags : [...tags, tag];
	if (action === 'remove_tag') return tags.filter((other) => other !== tag);
	return tags;
}
