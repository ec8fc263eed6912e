import { take } from '$kit/api/client';
import { asApiError, type ApiError } from '$kit/api/errors';
import type { ConversationKind, Tag } from '$kit/api/types/staff';
import type { Api } from '$staff/api';
import type { Beginning, Chat } from './chat.svelte';

/** As many contacts fit into one conversation. */
const most = 5000;

/** A new conversation being put together: with whom, and to how many it goes. */
export class NewConversation {
	kind = $state<ConversationKind>('direct');
	title = $state('');
	contacts = $state<string[]>([]);
	/** A broadcast goes to those who carry a tag instead. */
	tag = $state('');
	tags = $state.raw<Tag[]>([]);
	busy = $state(false);
	error = $state.raw<ApiError | undefined>(undefined);
	/** How many carry the tag; undefined while it is not known. */
	#tagged = $state<number | undefined>(undefined);

	constructor(
		private api: Api,
		private chat: Pick<Chat, 'begin'>,
		{ kind, contacts }: Beginning,
	) {
		this.kind = kind;
		this.contacts = contacts.map((contact) => contact.id);
	}

	/** To how many it goes; undefined while that is not known. */
	get count(): number | undefined {
		return this.kind === 'broadcast' && this.tag ? this.#tagged : this.contacts.length;
	}

	get tooMany(): boolean {
		return (this.count ?? 0) > most;
	}

	get ready(): boolean {
		if (this.busy || !this.count || this.tooMany) return false;
		return this.kind === 'direct' || this.title.trim() !== '';
	}

	async loadTags(): Promise<void> {
		try {
			this.tags = (await take(this.api.GET('/api/staff/tags'))).items;
		} catch {
			// Without tags single contacts can be chosen.
		}
	}

	async chooseTag(tag: string): Promise<void> {
		this.tag = tag;
		this.#tagged = undefined;
		if (!tag) return;
		try {
			const { count } = await take(this.api.GET('/api/staff/contacts/count', { params: { query: { tag: [tag], state: 'active' } } }));
			if (this.tag === tag) this.#tagged = count;
		} catch (thrown) {
			this.error = asApiError(thrown);
		}
	}

	/** The id of the conversation; undefined when it was refused, and `error` says why. */
	async begin(): Promise<string | undefined> {
		this.busy = true;
		this.error = undefined;
		try {
			if (this.kind === 'direct') return await this.chat.begin({ kind: 'direct', contact_ids: this.contacts.slice(0, 1) });
			const to = this.kind === 'broadcast' && this.tag ? { tag: this.tag } : { contact_ids: [...this.contacts] };
			return await this.chat.begin({ kind: this.kind, title: this.title.trim(), ...to });
		} catch (thrown) {
			this.error = asApiError(thrown);
			return undefined;
		} finally {
			this.busy = false;
		}
	}
}
