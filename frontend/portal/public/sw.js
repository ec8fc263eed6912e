// The portal's service worker: it opens the portal without a connection and
// shows the last home, marked with when that was. It is written by hand and
// served as it is: which hashed files belong to the shell it reads from the
// shell itself, so the build has nothing to put in here.
//
// Kept are the shell (the same bytes for everyone) with the scripts that its own
// scripts load later, and one answer of one person: /api/portal/home. That answer
// goes when the session does, however it ends, and so do the messages that the
// page has kept; a page that carries a link or a sign-in never comes near a cache.

const shellCache = 'shell-1';
const homeCache = 'home-1';
const keptChat = 'chat-kept';
const homePath = '/api/portal/home';
const patience = 4000;

// Counts sign-outs: an answer that was on its way during one is not kept.
let generation = 0;

self.addEventListener('install', (event) => {
	self.skipWaiting();
	event.waitUntil(fetch('/').then(keepShell).catch(() => {}));
});

self.addEventListener('activate', (event) => {
	event.waitUntil(
		(async () => {
			for (const name of await caches.keys()) if (name !== shellCache && name !== homeCache) await caches.delete(name);
			await self.registration.navigationPreload?.enable();
			await self.clients.claim();
		})(),
	);
});

self.addEventListener('fetch', (event) => {
	const { request } = event;
	const url = new URL(request.url);
	if (url.origin !== self.location.origin) return;
	const path = url.pathname;
	if (path === '/api/portal/logout') return event.waitUntil(forget());
	if (request.method !== 'GET') return;
	if (path === homePath) return event.respondWith(home(event));
	if (path === '/login' || path === '/k' || path.startsWith('/k/')) return event.waitUntil(forget());
	if (request.mode === 'navigate') return path.startsWith('/api/') ? undefined : event.respondWith(shell(event));
	if (path.startsWith('/assets/')) return event.respondWith(asset(request));
	if (path === '/early.js' || path === '/brand.css' || path.startsWith('/brand/')) return event.respondWith(soon(event));
});

// The network first, the kept copy when there is none or it takes too long.
async function home(event) {
	const before = generation;
	const network = fetch(event.request).then(async (response) => {
		if (response.status === 401) await forget();
		if (response.ok) await keepHome(response.clone(), before);
		return response;
	});
	event.waitUntil(network.catch(() => {}));
	const late = new Promise((resolve) => setTimeout(resolve, patience));
	const answer = await Promise.race([network.catch(() => undefined), late]);
	if (answer && !away(answer)) return answer;
	const kept = await (await caches.open(homeCache)).match(homePath);
	return kept ?? network;
}

async function keepHome(response, before) {
	const body = await response.arrayBuffer();
	const cache = await caches.open(homeCache);
	if (before !== generation) return;
	const headers = { 'Content-Type': 'application/json', 'X-Kept-At': new Date().toISOString() };
	await cache.put(homePath, new Response(body, { headers }));
}

async function forget() {
	generation += 1;
	self.indexedDB?.deleteDatabase(keptChat);
	await caches.delete(homeCache);
}

// Pages of the app: the network first, so that an update is there at once.
async function shell(event) {
	try {
		const response = (await event.preloadResponse) ?? (await fetch(event.request));
		if (!away(response)) {
			event.waitUntil(keepShell(response.clone()).catch(() => {}));
			return response;
		}
	} catch {
		// No connection: what is kept has to do.
	}
	return (await (await caches.open(shellCache)).match('/')) ?? Response.error();
}

// Keeps the shell with its headers, its policy above all, and the files it names.
async function keepShell(response) {
	if (!response.ok || response.redirected || !response.headers.get('Content-Type')?.startsWith('text/html')) return;
	const text = await response.clone().text();
	const files = [...text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((match) => match[1]);
	if (files.length === 0) return;
	const cache = await caches.open(shellCache);
	const before = await cache.match('/');
	if (before && (await before.text()) === text) return;
	for (const file of [...files, '/early.js', '/brand.css']) if (!(await cache.match(file))) await cache.add(file);
	await cache.put('/', response);
	await keepLater(cache, files);
	for (const request of await cache.keys()) {
		const path = new URL(request.url).pathname;
		if (path.startsWith('/assets/') && !files.includes(path)) await cache.delete(request);
	}
}

// What scripts load when it is wanted has to be there without a connection too.
async function keepLater(cache, files) {
	for (const file of files) {
		if (!file.endsWith('.js')) continue;
		const text = await (await cache.match(file))?.text();
		for (const [, name] of (text ?? '').matchAll(/["'`](?:\.\/|\/?assets\/)([\w.-]+\.(?:js|css))["'`]/g)) {
			const later = `/assets/${name}`;
			if (files.includes(later)) continue;
			files.push(later);
			if (!(await cache.match(later))) await cache.add(later).catch(() => {});
		}
	}
}

// The name of such a file changes with its content.
async function asset(request) {
	const cache = await caches.open(shellCache);
	const kept = await cache.match(request);
	if (kept) return kept;
	const response = await fetch(request);
	if (response.ok) await cache.put(request, response.clone());
	return response;
}

// What is kept now, what is new next time; one version of each.
async function soon(event) {
	const cache = await caches.open(shellCache);
	const kept = await cache.match(event.request);
	const network = fetch(event.request).then(async (response) => {
		if (response.ok) {
			const copy = response.clone();
			await cache.delete(event.request, { ignoreSearch: true });
			await cache.put(event.request, copy);
		}
		return response;
	});
	event.waitUntil(network.catch(() => {}));
	return kept ?? network;
}

function away(response) {
	return response.status >= 502 && response.status <= 504;
}
