import { describe, expect, it } from 'vitest';
import { Toasts } from '$kit/ui/toast/toasts.svelte';
import { fakeApi, Refusal } from '$staff/testing';
import { Later } from './later.svelte';
import { Replies } from './replies.svelte';
import { ChatSearch } from './search.svelte';

const path = '/chat/conversations/cv_ana/scheduled';
const item = (id: string, at: string) => ({ id, client_msg_id: id, text: id, author: 'Hanna', at, created_at: at });

describe('messages sent later', () => {
	it('stand in the order of their times, and are taken back', async () => {
		const { api, calls } = fakeApi({ [`GET ${path}`]: { items: [item('b', '2026-01-02T00:00:00Z')] }, [`POST ${path}`]: item('a', '2026-01-01T00:00:00Z'), [`DELETE ${path}/a`]: null });
		const toasts = new Toasts();
		const later = new Later('cv_ana', api, toasts);
		await later.load();
		expect(await later.schedule('a', '2026-01-01T00:00:00Z')).toBe(true);
		expect(later.items.map(({ id }) => id)).toEqual(['a', 'b']);
		expect(calls('POST', path)[0]?.body).toMatchObject({ text: 'a', at: '2026-01-01T00:00:00Z' });
		await toasts.undoLast();
		expect(later.items.map(({ id }) => id)).toEqual(['b']);
		await later.cancel(item('a', ''));
		expect(calls('DELETE', `${path}/a`)).toHaveLength(1);
	});
	it('say what was refused, and stay when they could not be taken back', async () => {
		const { api } = fakeApi({ [`GET ${path}`]: { items: [item('b', '')] }, [`POST ${path}`]: new Refusal(422, { errors: [{ field: 'at', code: 'x', message: 'Too late.' }] }), [`DELETE ${path}/b`]: new Refusal(500) });
		const toasts = new Toasts();
		const later = new Later('cv_ana', api, toasts);
		await later.load();
		expect([await later.schedule('a', ''), toasts.items[0]?.text]).toEqual([false, 'Too late.']);
		await later.cancel(later.items[0]!);
		expect(later.items).toHaveLength(1);
	});
});

describe('canned replies', () => {
	const both = [{ id: 'r1', title: 'Thanks', text: 'Thank you' }, { id: 'r2', title: 'Hours', text: 'We open at nine' }];
	const make = async (answers = {}) => {
		const fake = fakeApi({ 'GET /chat/replies': { items: both }, ...answers });
		const toasts = new Toasts();
		const replies = new Replies(fake.api, toasts);
		await replies.load();
		return { replies, toasts, ...fake };
	};
	it.each([
		['/', ['r1', 'r2']],
		['/tha', ['r1']],
		['/nine', ['r2']],
		['/none', []],
		['no', undefined],
		['and/or', undefined],
		['/a\nb', undefined],
	])('are meant by %j', async (text, ids) => expect((await make()).replies.meant(text)?.map(({ id }) => id)).toEqual(ids));
	it('are filled in, or nothing changes', async () => {
		const { replies, toasts } = await make({ 'POST /chat/replies/r1/render': { text: 'Thank you, Ana' } });
		expect(await replies.fill(both[0]!, 'cv_ana')).toBe('Thank you, Ana');
		expect([await replies.fill(both[1]!, 'cv_ana'), toasts.items.length]).toEqual([undefined, 1]);
	});
	it('are kept, deleted and brought back', async () => {
		const { replies, toasts, calls } = await make({ 'PATCH /chat/replies/r1': { ...both[0], title: 'Zero' }, 'DELETE /chat/replies/r2': null, 'POST /chat/replies': { ...both[1], id: 'r3' } });
		await replies.keep({ id: 'r1', title: ' Zero ', text: 'Thank you' });
		expect([replies.items.map(({ title }) => title), calls('PATCH', '/chat/replies/r1')[0]?.body]).toEqual([['Hours', 'Zero'], { title: 'Zero', text: 'Thank you' }]);
		await replies.remove(both[1]!);
		expect(replies.items.map(({ id }) => id)).toEqual(['r1']);
		await toasts.undoLast();
		expect(replies.items.map(({ id }) => id)).toEqual(['r3', 'r1']);
	});
});

describe('search', () => {
	const found = (excerpt: string) => ({ conversation_id: 'cv_ana', title: 'Ana', message: null, note: null, excerpt });
	it('asks for what was typed last, and goes on', async () => {
		const { api, calls } = fakeApi({ 'GET /chat/search': ({ query }: { query: URLSearchParams }) => ({ items: [found(`${query.get('q')} ${query.get('cursor')}`)], next_cursor: query.get('cursor') ? null : 'more' }) });
		const search = new ChatSearch(api);
		const first = search.ask({ query: 'ro' });
		await search.ask({ query: ' roses ', within: 'cv_ana' });
		await first;
		expect(search.items.map(({ excerpt }) => excerpt)).toEqual(['roses null']);
		await search.more();
		await search.more();
		expect([search.items.length, search.hasMore, calls('GET', '/chat/search').at(-1)?.query.get('conversation_id')]).toEqual([2, false, 'cv_ana']);
	});
	it('is over when nothing is typed, and says what went wrong', async () => {
		const { api } = fakeApi({ 'GET /chat/search': new Refusal(500) });
		const search = new ChatSearch(api);
		await search.ask({ query: 'x' });
		expect([search.error?.status, search.ready]).toEqual([500, false]);
		await search.ask({ query: '' });
		expect([search.active, search.items]).toEqual([false, []]);
	});
});
