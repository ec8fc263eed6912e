/** Names of the `:parameters` in a path pattern. */
type ParamNames<Pattern extends string> = Pattern extends `${string}:${infer Name}/${infer Rest}` ? Name | ParamNames<`/${Rest}`> : Pattern extends `${string}:${infer Name}` ? Name : never;

export type ParamsOf<Pattern extends string> = Record<ParamNames<Pattern>, string>;
export type Query = Record<string, string | undefined>;

export interface Match<Name extends string = string> {
	name: Name;
	params: Record<string, string>;
}

interface Page {
	location: { pathname: string; search: string };
	history: { pushState(state: unknown, unused: string, url: string): void; replaceState(state: unknown, unused: string, url: string): void };
	addEventListener(type: 'popstate', listener: () => void): void;
}

function pattern(path: string): RegExp {
	const source = path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:(\w+)/g, '(?<$1>[^/]+)');
	return new RegExp(`^${source}/?$`);
}

/**
 * Typed routes over the history of the page; the same over http and wails://.
 * Paths that match nothing are the route named `missing`.
 */
export class Router<const Routes extends Record<string, string>> {
	path = $state('/');
	query = $state.raw<URLSearchParams>(new URLSearchParams());
	match = $derived.by<Match<(keyof Routes & string) | 'missing'>>(() => this.#find(this.path));
	#compiled: [keyof Routes & string, RegExp][];

	constructor(
		private routes: Routes,
		private page: Page = window,
	) {
		this.#compiled = Object.entries(routes).map(([name, path]) => [name, pattern(path)]);
		this.#read();
		page.addEventListener('popstate', () => this.#read());
	}

	/** The address of a route. */
	href<Name extends keyof Routes & string>(name: Name, params?: ParamsOf<Routes[Name]>, query: Query = {}): string {
		const values = (params ?? {}) as Record<string, string>;
		const path = this.routes[name]!.replace(/:(\w+)/g, (_, key: string) => encodeURIComponent(values[key] ?? ''));
		return path + search(query);
	}

	go<Name extends keyof Routes & string>(name: Name, params?: ParamsOf<Routes[Name]>, query: Query = {}): void {
		this.open(this.href(name, params, query));
	}

	/** Opens an address of this app; in place of the present one it is no step in the history. */
	open(href: string, inPlace = false): void {
		this.page.history[inPlace ? 'replaceState' : 'pushState'](null, '', href);
		this.#read();
	}

	/** Changes the query of the present page without a step in the history. */
	setQuery(change: Query): void {
		const next: Query = { ...Object.fromEntries(this.query), ...change };
		this.page.history.replaceState(null, '', this.path + search(next));
		this.#read();
	}

	#read(): void {
		this.path = this.page.location.pathname;
		this.query = new URLSearchParams(this.page.location.search);
	}

	#find(path: string): Match<(keyof Routes & string) | 'missing'> {
		for (const [name, expression] of this.#compiled) {
			const found = expression.exec(path);
			if (!found) continue;
			const params = Object.fromEntries(Object.entries(found.groups ?? {}).map(([key, value]) => [key, decodeURIComponent(value)]));
			return { name, params };
		}
		return { name: 'missing', params: {} };
	}
}

function search(query: Query): string {
	const kept = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
	return kept.length > 0 ? `?${new URLSearchParams(kept)}` : '';
}

/**
 * Follows plain clicks on links of this app without loading a page; anything
 * with a modifier key, a target or another origin is left to the browser.
 */
export function followLinks(router: { open(href: string): void }): (event: MouseEvent) => void {
	return (event) => {
		if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
		const link = (event.target as Element | null)?.closest?.('a');
		const href = link?.getAttribute('href');
		if (!link || !href?.startsWith('/') || href.startsWith('//') || link.target || link.hasAttribute('download')) return;
		event.preventDefault();
		router.open(href);
	};
}
