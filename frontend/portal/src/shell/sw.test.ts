import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const script = readFileSync(join(import.meta.dirname, '../../public/sw.js'), 'utf8');
const origin = 'https://portal.example';
const html = '<script src="/early.js"></script><script src="/assets/a.js"></script><link href="/assets/a.css">';
const page = (text = html) => new Response(text, { headers: { 'Content-Type': 'text/html', 'Content-Security-Policy': "default-src 'none'" } });

/** Just enough of the Cache API. */
class FakeCache {
	entries = new Map<string, Response>();
	constructor(private fetch: (url: string) => Promise<Response>) {}
	#url = (what: Request | string) => new URL(typeof what === 'string' ? what : what.url, origin).href;
	match = async (what: Request | string) => this.entries.get(this.#url(what))?.clone();
	put = async (what: Request | string, response: Response) => void this.entries.set(this.#url(what), response);
	add = async (what: string) => this.put(what, await this.fetch(what));
	keys = async () => [...this.entries.keys()].map((url) => ({ url }) as Request);
	delete = async (what: Request | string, options?: { ignoreSearch?: boolean }) => {
		const bare = (url: string) => (options?.ignoreSearch ? url.split('?')[0] : url);
		for (const url of this.entries.keys()) if (bare(url) === bare(this.#url(what))) this.entries.delete(url);
	};
}

/** Runs the worker in a world with a server that can go away. */
function world() {
	const server: Record<string, () => Response | Promise<Response>> = {
		'/': () => page(),
		'/devices': () => page(),
		'/api/portal/home': () => Response.json({ hello: 'Ana' }),
	};
	const state = { online: true };
	const caches = new Map<string, FakeCache>();
	const listeners = new Map<string, (event: object) => void>();
	const net = async (what: Request | string) => {
		if (!state.online) throw new TypeError('no connection');
		const path = new URL(typeof what === 'string' ? what : what.url, origin).pathname;
		return (await server[path]?.()) ?? new Response(path);
	};
	const storage = {
		open: async (name: string) => caches.get(name) ?? caches.set(name, new FakeCache(net)).get(name)!,
		keys: async () => [...caches.keys()],
		delete: async (name: string) => caches.delete(name),
	};
	const forgotten: string[] = [];
	const self = {
		indexedDB: { deleteDatabase: (name: string) => void forgotten.push(name) },
		addEventListener: (type: string, listener: (event: object) => void) => listeners.set(type, listener),
		skipWaiting: () => {},
		clients: { claim: async () => {} },
		registration: {},
		location: { origin },
	};
	new Function('self', 'caches', 'fetch', 'setTimeout', script)(self, storage, net, (wake: () => void) => setTimeout(wake, 20));

	/** What the page gets: undefined when the worker stays out of it. */
	const get = async (path: string, { method = 'GET', mode = 'cors' } = {}) => {
		const waits: Promise<unknown>[] = [];
		let answer: Promise<Response> | undefined;
		const request = { url: origin + path, method, mode };
		listeners.get('fetch')!({ request, respondWith: (response: Promise<Response>) => (answer = response), waitUntil: (promise: Promise<unknown>) => waits.push(promise) });
		const response = await answer;
		// What a worker does after its answer, unless that never ends.
		await Promise.race([Promise.allSettled(waits), new Promise((wake) => setTimeout(wake, 50))]);
		return response;
	};
	const install = async () => {
		const waits: Promise<unknown>[] = [];
		listeners.get('install')!({ waitUntil: (promise: Promise<unknown>) => waits.push(promise) });
		listeners.get('activate')!({ waitUntil: (promise: Promise<unknown>) => waits.push(promise) });
		await Promise.all(waits);
	};
	const cached = (name: string) => [...(caches.get(name)?.entries.keys() ?? [])].map((url) => url.replace(origin, '')).sort();
	return { server, state, get, install, cached, caches, forgotten };
}

const navigate = { mode: 'navigate' };

describe('the service worker', () => {
	it('keeps the shell and the files it names', async () => {
		const w = world();
		await w.install();
		expect(w.cached('shell-1')).toEqual(['/', '/assets/a.css', '/assets/a.js', '/brand.css', '/early.js']);
	});

	it('keeps what scripts load later, and drops it with them', async () => {
		const w = world();
		w.server['/assets/a.js'] = () => new Response('import"./b.js";const d=["assets/c.js","assets/c.css"]');
		w.server['/assets/c.js'] = () => new Response("import('./d.js'); import('./b.js')");
		await w.install();
		expect(w.cached('shell-1')).toEqual(['/', '/assets/a.css', '/assets/a.js', '/assets/b.js', '/assets/c.css', '/assets/c.js', '/assets/d.js', '/brand.css', '/early.js']);
		w.server['/'] = () => page(html.replaceAll('/a.', '/e.'));
		await w.get('/', navigate);
		expect(w.cached('shell-1')).toEqual(['/', '/assets/e.css', '/assets/e.js', '/brand.css', '/early.js']);
	});

	it('opens any page of the app without a connection, under its own policy', async () => {
		const w = world();
		await w.install();
		w.state.online = false;
		const response = await w.get('/devices', navigate);
		expect(await response?.text()).toBe(html);
		expect(response?.headers.get('Content-Security-Policy')).toBe("default-src 'none'");
		expect(await (await w.get('/assets/a.js'))?.text()).toBe('/assets/a.js');
	});

	it('replaces the shell after an update and drops its old files', async () => {
		const w = world();
		await w.install();
		w.server['/'] = () => page(html.replaceAll('/a.', '/b.'));
		await w.get('/', navigate);
		expect(w.cached('shell-1')).toEqual(['/', '/assets/b.css', '/assets/b.js', '/brand.css', '/early.js']);
	});

	it('keeps nothing that is not the shell', async () => {
		const w = world();
		w.server['/'] = () => new Response('not found', { status: 404, headers: { 'Content-Type': 'text/html' } });
		w.server['/devices'] = () => page('<p>an error page</p>');
		await w.get('/', navigate);
		await w.get('/devices', navigate);
		expect(w.cached('shell-1')).toEqual([]);
	});

	it('shows the last home with its time when there is no connection', async () => {
		const w = world();
		expect((await w.get('/api/portal/home'))?.headers.get('X-Kept-At')).toBeNull();
		w.state.online = false;
		const kept = await w.get('/api/portal/home');
		expect(await kept?.json()).toEqual({ hello: 'Ana' });
		expect(Date.parse(kept?.headers.get('X-Kept-At') ?? '')).toBeGreaterThan(0);
	});

	it.each([
		['the server is away', () => new Response('', { status: 503 })],
		['it takes too long', () => new Promise<Response>(() => {})],
	])('shows the last home when %s', async (_, answer) => {
		const w = world();
		await w.get('/api/portal/home');
		w.server['/api/portal/home'] = answer;
		const kept = await w.get('/api/portal/home');
		expect(kept?.headers.get('X-Kept-At')).toBeTruthy();
	});

	it('keeps one home only, and no other answer', async () => {
		const w = world();
		await w.get('/api/portal/home');
		expect(await w.get('/api/portal/sessions')).toBeUndefined();
		expect(w.cached('home-1')).toEqual(['/api/portal/home']);
	});

	it.each([
		['signing out', { path: '/api/portal/logout', method: 'POST' }],
		['the sign-in page', { path: '/login', mode: 'navigate' }],
		['a link', { path: '/k/1secret', mode: 'navigate' }],
		['the page of a link', { path: '/k', mode: 'navigate' }],
	])('forgets the home at %s and stays out of it', async (_, { path, ...options }) => {
		const w = world();
		await w.get('/api/portal/home');
		expect(await w.get(path, options)).toBeUndefined();
		expect(w.cached('home-1')).toEqual([]);
		expect(w.forgotten).toEqual(['chat-kept']);
		expect(w.cached('shell-1').join()).not.toContain('/k');
	});

	it('forgets the home when the session is over', async () => {
		const w = world();
		await w.get('/api/portal/home');
		w.server['/api/portal/home'] = () => new Response('', { status: 401 });
		expect((await w.get('/api/portal/home'))?.status).toBe(401);
		expect(w.cached('home-1')).toEqual([]);
	});

	it('does not keep an answer that was on its way while signing out', async () => {
		const w = world();
		let wake = (_: Response) => {};
		w.server['/api/portal/home'] = () => new Promise((resolve) => (wake = resolve));
		const pending = w.get('/api/portal/home');
		await Promise.resolve();
		await w.get('/api/portal/logout', { method: 'POST' });
		wake(Response.json({ hello: 'Ana' }));
		await pending;
		expect(w.cached('home-1')).toEqual([]);
	});

	it('shows the brand as kept and fetches what is new, one version of each', async () => {
		const w = world();
		w.server['/brand/logo'] = () => new Response('old');
		await w.get('/brand/logo?v=1');
		w.server['/brand/logo'] = () => new Response('new');
		expect(await (await w.get('/brand/logo?v=1'))?.text()).toBe('old');
		expect(await (await w.get('/brand/logo?v=2'))?.text()).toBe('new');
		expect(w.cached('shell-1')).toEqual(['/brand/logo?v=2']);
	});

	it('lets other origins and other methods pass', async () => {
		const w = world();
		expect(await w.get('/api/portal/me', { method: 'PATCH' })).toBeUndefined();
		expect(await w.get('/api/portal/export', navigate)).toBeUndefined();
	});
});
