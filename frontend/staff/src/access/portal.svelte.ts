import { take } from '$kit/api/client';
import { asApiError, type ApiError } from '$kit/api/errors';
import type { PeopleList, Person, Policy, Portal } from '$kit/api/types/staff';
import { Paged } from '$kit/lists/paged.svelte';
import { Selection } from '$kit/lists/selection.svelte';
import type { Api } from '$staff/api';

export const peopleLists: readonly PeopleList[] = ['invited', 'not_joined', 'accepted', 'opened', 'joined', 'undelivered', 'suspended'];

/** The portal's dashboard: the address, the numbers and the people behind them. */
export class PortalDashboard {
	portal = $state.raw<Portal | undefined>(undefined);
	error = $state.raw<ApiError | undefined>(undefined);
	list = $state<PeopleList>('invited');
	search = $state('');
	readonly selection = new Selection();
	readonly people: Paged<Person>;

	constructor(private api: Api) {
		this.people = new Paged<Person>({
			key: (person) => person.contact_id,
			load: ({ limit, cursor, signal }) => take(api.GET('/api/staff/portal/people', { params: { query: { list: this.list, search: this.search.trim() || undefined, limit, cursor } }, signal })),
		});
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
		this.selection.clear();
		await this.people.restart();
	}

	async find(search: string): Promise<void> {
		this.search = search;
		await this.people.restart();
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
