import { take } from '$kit/api/client';
import { asApiError, type ApiError } from '$kit/api/errors';
import type { MailPreview } from '$kit/api/types/staff';
import type { Option } from '$kit/ui/field/suggest';
import type { Api } from '$staff/api';
import type { Somebody } from './access.svelte';

const address = /^[^\s@,;<>]+@[^\s@,;<>]+\.[^\s@,;<>]+$/;

/** The address in "Ana <ana@example.com>", or the text itself. */
export function bareAddress(text: string): string {
	return (/<([^<>]+)>/.exec(text)?.[1] ?? text).trim();
}

/** Who is to be invited, and how the mail will look. */
export class Invite {
	/** Contact ids and raw addresses, as chosen. */
	chosen = $state<string[]>([]);
	target = $state('/');
	note = $state('');
	options = $state.raw<Option[]>([]);
	targets = $state.raw<{ value: string; label: string }[]>([{ value: '/', label: '/' }]);
	preview = $state.raw<(MailPreview & { from: string }) | undefined>(undefined);
	previewError = $state.raw<ApiError | undefined>(undefined);
	#names = new Map<string, string>();
	#query = 0;
	#preview = 0;

	ids = $derived(this.chosen.filter((one) => this.#names.has(one)));
	emails = $derived(this.chosen.filter((one) => !this.#names.has(one)).map(bareAddress));
	bad = $derived(this.emails.filter((email) => !address.test(email)));
	count = $derived(this.chosen.length);

	constructor(
		private api: Api,
		people: readonly Somebody[],
	) {
		for (const { id, name } of people) this.#names.set(id, name);
		this.chosen = people.map(({ id }) => id);
	}

	labelOf = (value: string): string => this.#names.get(value) ?? value;

	async load(): Promise<void> {
		try {
			const { items } = await take(this.api.GET('/api/staff/portal/targets'));
			this.targets = items.map(({ path, label }) => ({ value: path, label }));
		} catch {
			// Home remains to choose.
		}
	}

	/** Contacts for what is typed. */
	async find(query: string): Promise<void> {
		const turn = ++this.#query;
		if (!query.trim()) {
			this.options = [];
			return;
		}
		try {
			const { items } = await take(this.api.GET('/api/staff/contacts', { params: { query: { search: query.trim(), limit: 8 } } }));
			if (turn !== this.#query) return;
			for (const { id, name } of items) this.#names.set(id, name);
			this.options = items.map(({ id, name, emails }) => ({ value: id, label: name, detail: emails[0] ?? '' }));
		} catch {
			this.options = [];
		}
	}

	/** The mail the first person will get. */
	async show(): Promise<void> {
		const turn = ++this.#preview;
		const first = this.chosen[0];
		if (first === undefined || this.bad.length > 0) return;
		const who = this.#names.has(first) ? { contact_id: first } : { email: bareAddress(first) };
		try {
			const preview = await take(this.api.POST('/api/staff/portal/invitations/preview', { body: { ...who, note: this.note.trim() || undefined } }));
			if (turn !== this.#preview) return;
			this.preview = preview;
			this.previewError = undefined;
		} catch (thrown) {
			if (turn === this.#preview) this.previewError = asApiError(thrown);
		}
	}
}
