import { describe, expect, it, vi } from 'vitest';
import { ApiError } from '$kit/api/errors';
import type { HomeData } from '$portal/api/paths';
import { dayPart, isNewHere, withoutRepeats } from './telling';
import { Home } from './home.svelte';

const data = (change: Partial<HomeData> = {}): HomeData => ({
	me: { contact_id: 'ct_1', name: 'Ana Petrović', first_name: 'Ana', email: 'ana@example.com', language: '', time_zone: '', theme: 'system', photo_url: null },
	business: { name: 'Shop', description: '', support_email: '', copyright: '', logo_url: null, cover_url: null },
	needs_you: [
		{ key: 'profile.confirm', title: 'Check', text: '', href: '/profile', action: 'Check now' },
		{ key: 'app.install', title: 'Install', text: '', href: '/profile', action: 'Install' },
	],
	recent: ['ev_3', 'ev_2', 'ev_1'].map((id) => ({ id, at: '2026-01-01T10:00:00Z', kind: 'x', text: id })),
	unseen: 2,
	apps: [],
	...change,
});

const offline = () => Promise.reject(new ApiError({ code: 'offline' }, 0));

function make(api: Partial<ConstructorParameters<typeof Home>[0]> = {}) {
	return new Home({ home: async () => ({ data: data(), keptAt: undefined }), seen: async () => {}, dismiss: async () => {}, ...api });
}

describe('home', () => {
	it('loads', async () => {
		const home = make();
		await home.load();
		expect(home.data?.me.first_name).toBe('Ana');
		expect(home.error).toBeUndefined();
	});

	it('says when it shows a kept copy', async () => {
		const home = make({ home: async () => ({ data: data(), keptAt: '2026-01-01T14:02:00Z' }) });
		await home.load();
		expect(home.keptAt).toBe('2026-01-01T14:02:00Z');
	});

	it('keeps what is on screen when an update fails', async () => {
		const answers = [async () => ({ data: data(), keptAt: undefined }), offline];
		const home = make({ home: () => answers.shift()!() });
		await home.load();
		await home.load();
		expect(home.data).toBeDefined();
		expect(home.error?.offline).toBe(true);
	});

	it('shows the newest of two answers, whichever comes first', async () => {
		const wakes: ((value: { data: HomeData; keptAt: undefined }) => void)[] = [];
		const home = make({ home: () => new Promise((wake) => wakes.push(wake)) });
		const loads = [home.load(), home.load()];
		wakes[1]!({ data: data({ unseen: 0 }), keptAt: undefined });
		wakes[0]!({ data: data({ unseen: 9 }), keptAt: undefined });
		await Promise.all(loads);
		expect(home.data?.unseen).toBe(0);
	});

	it('loads again only when it is old', async () => {
		vi.useFakeTimers();
		const load = vi.fn(async () => ({ data: data(), keptAt: undefined }));
		const home = make({ home: load });
		await home.load();
		await home.loadIfOlderThan(60_000);
		vi.setSystemTime(Date.now() + 61_000);
		await home.loadIfOlderThan(60_000);
		expect(load).toHaveBeenCalledTimes(2);
		vi.useRealTimers();
	});

	it('takes the badge away when the notifications are opened, and marks what was new', async () => {
		const home = make();
		await home.load();
		await home.seen();
		expect(home.data?.unseen).toBe(0);
		expect([...home.fresh]).toEqual(['ev_3', 'ev_2']);
		await home.seen();
		expect(home.fresh.size).toBe(0);
	});

	it('brings the badge back when the server did not hear of it', async () => {
		const home = make({ seen: offline });
		await home.load();
		await home.seen();
		expect(home.data?.unseen).toBe(2);
	});

	it('puts a card away, and back when that failed', async () => {
		const home = make();
		await home.load();
		await home.dismiss('app.install');
		expect(home.data?.needs_you.map(({ key }) => key)).toEqual(['profile.confirm']);

		const stubborn = make({ dismiss: offline });
		await stubborn.load();
		await stubborn.dismiss('app.install');
		expect(stubborn.data?.needs_you).toHaveLength(2);
		expect(stubborn.error?.offline).toBe(true);
	});

	it('does nothing before it is loaded', async () => {
		const home = make();
		await home.seen();
		await home.dismiss('x');
		home.adopt(data().me);
		expect(home.data).toBeUndefined();
	});

	it('greets with the saved name at once', async () => {
		const home = make();
		await home.load();
		home.adopt({ ...data().me, first_name: 'Anna' });
		expect(home.data?.me.first_name).toBe('Anna');
	});
});

describe('somebody new here', () => {
	const kinds = (...all: string[]) => all.map((kind) => ({ id: kind, at: '', kind, text: '' }));
	it('has only come and gone so far', () => {
		expect(isNewHere([])).toBe(true);
		expect(isNewHere(kinds('portal.joined', 'portal.signed_in', 'invitation.sent', 'link.opened'))).toBe(true);
		expect(isNewHere(kinds('contact.updated', 'portal.joined'))).toBe(true);
		expect(isNewHere(kinds('portal.joined', 'document.shared'))).toBe(false);
	});
});

describe('what happened', () => {
	it('tells the same thing in a row once, with its latest time', () => {
		const told = withoutRepeats(['b', 'b', 'a', 'b'].map((text, i) => ({ id: `ev_${i}`, at: '', kind: 'x', text })));
		expect(told.map(({ id }) => id)).toEqual(['ev_0', 'ev_2', 'ev_3']);
	});
});

describe('the part of the day', () => {
	const at = (time: string) => new Date(`2026-01-20T${time}:00Z`);
	it.each([
		['04:59', 'evening'],
		['05:00', 'morning'],
		['11:59', 'morning'],
		['12:00', 'afternoon'],
		['17:59', 'afternoon'],
		['18:00', 'evening'],
		['00:00', 'evening'],
	])('%s is %s', (time, part) => expect(dayPart(at(time), 'UTC')).toBe(part));

	it('is the one where the client is', () => {
		expect(dayPart(at('12:00'), 'America/Los_Angeles')).toBe('evening');
		expect(dayPart(at('23:30'), 'Asia/Tokyo')).toBe('morning');
	});
});
