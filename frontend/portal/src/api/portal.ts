import { createClient, take } from '$kit/api/client';
import type { HomeData, Me, MeChange, PortalPaths, Session } from './paths';

/** Set by the service worker on an answer that is a kept copy: when it was kept. */
export const keptHeader = 'x-kept-at';

export interface HomeAnswer {
	data: HomeData;
	/** Set when this is the last copy, shown because the server is out of reach. */
	keptAt: string | undefined;
}

/** Everything the portal can ask; tests hand in a fake. */
export interface PortalApi {
	home(): Promise<HomeAnswer>;
	seen(): Promise<void>;
	dismiss(key: string): Promise<void>;
	changeMe(change: MeChange): Promise<Me>;
	sessions(): Promise<Session[]>;
	endSession(id: string): Promise<void>;
	endOtherSessions(): Promise<void>;
	signOut(): Promise<void>;
}

export interface PortalApiOptions {
	language(): string;
	onSignedOut(): void;
	onReach(reached: boolean): void;
}

const patience = 15_000;

/**
 * The shell preloads the first home; only a request exactly like the preload
 * is given its answer, so the first one carries no headers of ours.
 */
function usingThePreload(): typeof fetch {
	let first = true;
	return (input, init) => {
		if (!first || !String(input).endsWith('/api/portal/home')) return fetch(input, init);
		first = false;
		return fetch(input);
	};
}

export function portalApi(options: PortalApiOptions): PortalApi {
	const client = createClient<PortalPaths>({ ...options, fetch: usingThePreload() });
	const done = async (call: Promise<unknown>) => void (await call);
	return {
		async home() {
			const { data, response } = await client.GET('/api/portal/home', { signal: AbortSignal.timeout(patience) });
			return { data: data as HomeData, keptAt: response.headers.get(keptHeader) ?? undefined };
		},
		seen: () => done(client.POST('/api/portal/home/seen')),
		dismiss: (key) => done(client.POST('/api/portal/home/dismiss', { body: { key } })),
		changeMe: (body) => take(client.PATCH('/api/portal/me', { body })),
		sessions: async () => (await take(client.GET('/api/portal/sessions'))).items,
		endSession: (id) => done(client.DELETE('/api/portal/sessions/{id}', { params: { path: { id } } })),
		endOtherSessions: () => done(client.POST('/api/portal/sessions/sign-out-others')),
		signOut: () => done(client.POST('/api/portal/logout')),
	};
}
