import { take } from '$kit/api/client';
import { asApiError, isAbort, type ApiError } from '$kit/api/errors';
import type { PeopleList, Person, Policy, Portal } from '$kit/api/types/staff';
import { Paged } from '$kit/lists/paged.svelte';
import { Selection } from '$kit/lists/selection.svelte';
import type { Toasts } from '$kit/ui/toast/toasts.svelte';
import type { Api } from '$staff/api';

export const peopleLists: readonly PeopleList[] = ['invited', 'not_joined', 'accepted', 'opened', 'joined', 'undelivered', 'suspended'];

/** The longest page the API gives. */
const most = 200;

/** The portal's dashboard: the address, the numbers and the people behind them. */
export class PortalDashboard {
	portal = $state.raw<Portal | undefined>(undefined);
	error = $state.raw<ApiError | undefined>(undefined);
	list = $state<PeopleList>('invited');
	search = $state('');
	/** Everyone in the list is being chosen; rises page by page. */
	choosing = $state(false);
	readonly selection = new Selection();
	#stop = new AbortController();
	readonly people: Paged<Person>;

	constructor(
		private api: Api,
		private toasts: Toasts,
	) {
		this.people = new Paged<Person>({ key: (person) => person.contact_id, load: (request) => this.#page(request) });
	}

	async load(): Promise<void> {
		await Promise.all([this.loadNumbers(), this.people.restart()]);
	}

	async loadNumbers(): Promise<void> {
		try {
			this.portal = await take(this.api.GET('/api/staff/portal'));
			this.error = undefined;
		} catch (thrown) {
			this.error = asApiError(thrown);
		}
	}

	async show(list: PeopleList): Promise<void> {
		this.list = list;
		this.clear();
		await this.people.restart();
	}

	async find(search: string): Promise<void> {
		this.search = search;
		this.clear();
		await this.people.restart();
	}

	/** Chooses everyone in the list, also those not fetched yet, page by page; what was chosen stays when it is stopped. */
	async selectAll(): Promise<void> {
		if (this.choosing) return;
		this.choosing = true;
		const { signal } = (this.#stop = new AbortController());
		let cursor: string | undefined;
		try {
			do {
				const page = await this.#page({ limit: most, cursor, signal });
				// Cleared meanwhile: whoever did that wants nobody.
				if (signal.aborted || (cursor && this.selection.size === 0)) return;
				for (const person of page.items) this.selection.keys.add(person.contact_id);
				cursor = page.next_cursor ?? undefined;
			} while (cursor);
		} catch (thrown) {
			if (!signal.aborted && !isAbort(thrown)) this.toasts.error(asApiError(thrown).message);
		} finally {
			if (this.#stop.signal === signal) this.choosing = false;
		}
	}

	/** No more are added to what is chosen. */
	stopChoosing(): void {
		this.#stop.abort();
		this.choosing = false;
	}

	/** Nobody is chosen. */
	clear(): void {
		this.stopChoosing();
		this.selection.clear();
	}

	#page({ limit, cursor, signal }: { limit: number; cursor?: string; signal: AbortSignal }) {
		const query = { list: this.list, search: this.search.trim() || undefined, limit, cursor };
		return take(this.api.GET('/api/staff/portal/people', { params: { query }, signal }));
	}

	/** Something changed elsewhere: numbers and rows anew, the place kept. */
	async refresh(): Promise<void> {
		await Promise.all([this.loadNumbers(), this.people.refresh()]);
	}

	/** Shows a state at once for rows in view; returns how to take it back. */
	mark(ids: string[], state: Person['state']): () => void {
		return this.people.patch(new Set(ids), (person) => ({ ...person, state }));
	}
}

/** How long links may live: sensible steps within the limits, and what is set now. */
export function lifetimes(limits: readonly number[], present: number): number[] {
	const [least = 0, most = Infinity] = limits;
	const steps = [900, 3_600, 14_400, 86_400, 259_200, 604_800, 1_209_600].filter((step) => step >= least && step <= most);
	return [...new Set([...steps, present])].sort((a, b) => a - b);
}

/** The settings of signing in. */
export async function loadPolicy(api: Api): Promise<Policy> {
	const { limits, ...input } = await take(api.GET('/api/staff/portal/policy'));
	return { ...input, limits: limits ?? { login_mail_ttl: [], staff_link_ttl: [], invitation_ttl: [] } };
}
