import type { ContactState, SavedView, View } from '$kit/api/types/staff';

/** What the list asks for. */
export interface Query {
	search: string;
	tags: string[];
	state: ContactState;
	sort: string;
}

export const everyone: Query = { search: '', tags: [], state: 'active', sort: 'name' };
export const standardColumns = ['email', 'company', 'tags', 'portal', 'last_seen'];

/** A view with everything it may leave out. */
export function viewOf(saved: SavedView): View {
	return { id: saved.id ?? '', name: saved.name, columns: saved.columns ?? standardColumns, query: { ...everyone, ...saved.query } };
}

/** The filter without the order, as the API takes it. */
export function filterOf(query: Query): { search?: string; tag?: string[]; state: ContactState } {
	return { search: query.search.trim() || undefined, tag: query.tags.length > 0 ? query.tags : undefined, state: query.state };
}

export function filtered(query: Query): boolean {
	return query.search.trim() !== '' || query.tags.length > 0 || query.state !== 'active';
}

/** Whether the list shows exactly this view. */
export function shows(view: View, query: Query, columns: string[]): boolean {
	return JSON.stringify([view.query.search, view.query.tags, view.query.state, view.query.sort, view.columns]) === JSON.stringify([query.search, query.tags, query.state, query.sort, columns]);
}
