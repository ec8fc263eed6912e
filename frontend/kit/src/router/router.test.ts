import { describe, expect, it, vi } from 'vitest';
import { followLinks, Router } from './router.svelte';

function page(start: string) {
	const listeners: (() => void)[] = [];
	const location = { pathname: '/', search: '' };
	const move = (url: string) => {
		const parsed = new URL(url, 'http://x');
		Object.assign(location, { pathname: parsed.pathname, search: parsed.search });
	};
	move(start);
	return {
		location,
		history: { pushState: vi.fn((_: unknown, __: string, url: string) => move(url)), replaceState: vi.fn((_: unknown, __: string, url: string) => move(url)) },
		addEventListener: (_: string, listener: () => void) => void listeners.push(listener),
		back: (url: string) => {
			move(url);
			listeners.forEach((listener) => listener());
		},
	};
}

const routes = { home: '/', contacts: '/contacts', contact: '/contacts/:id', template: '/mail/:key/:language' } as const;

describe('the router', () => {
	it('matches paths and parameters', () => {
		const router = new Router(routes, page('/contacts/ct%201?tab=notes'));
		expect(router.match).toEqual({ name: 'contact', params: { id: 'ct 1' } });
		expect(router.query.get('tab')).toBe('notes');
		router.open('/mail/login/de/');
		expect(router.match).toEqual({ name: 'template', params: { key: 'login', language: 'de' } });
		router.open('/nowhere');
		expect(router.match.name).toBe('missing');
	});
	it('writes addresses', () => {
		const router = new Router(routes, page('/'));
		expect(router.href('contact', { id: 'a/b' }, { tab: 'notes', empty: undefined })).toBe('/contacts/a%2Fb?tab=notes');
		expect(router.href('home')).toBe('/');
	});
	it('goes, changes the query in place, and follows back', () => {
		const fake = page('/');
		const router = new Router(routes, fake);
		router.go('contacts', {}, { search: 'ana' });
		router.setQuery({ search: undefined, sort: 'name' });
		expect(fake.history.replaceState).toHaveBeenCalledWith(null, '', '/contacts?sort=name');
		router.open('/contacts/ct_1', true);
		expect([router.match.name, fake.history.pushState.mock.calls.length, fake.history.replaceState.mock.calls.length]).toEqual(['contact', 1, 2]);
		fake.back('/');
		expect(router.match.name).toBe('home');
	});
});

describe('links', () => {
	const click = (attributes: Record<string, string>, more = {}) => {
		const link = { getAttribute: (name: string) => attributes[name] ?? null, hasAttribute: (name: string) => name in attributes, target: attributes.target ?? '' };
		return { button: 0, target: { closest: () => link }, preventDefault: vi.fn(), ...more } as unknown as MouseEvent;
	};
	it.each([
		['own page', { href: '/contacts' }, {}, true],
		['another origin', { href: 'https://example.com' }, {}, false],
		['scheme-relative', { href: '//example.com' }, {}, false],
		['new tab', { href: '/contacts' }, { ctrlKey: true }, false],
		['target', { href: '/x', target: '_blank' }, {}, false],
		['download', { href: '/x', download: '' }, {}, false],
	])('%s', (_, attributes, more, followed) => {
		const open = vi.fn();
		const event = click(attributes, more);
		followLinks({ open })(event);
		expect(open).toHaveBeenCalledTimes(followed ? 1 : 0);
	});
});
