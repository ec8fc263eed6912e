import { describe, expect, it, vi } from 'vitest';
import { Toasts } from '$kit/ui/toast/toasts.svelte';
import { Work } from '$kit/work/work.svelte';
import { fakeApi, Refusal } from '$staff/testing';
import type { Contact } from '$kit/api/types/staff';
import { Contacts } from './contacts.svelte';
import { everyone, filtered, filterOf, shows } from './query';

const contact = (id: string, name: string, tags: string[] = []) => ({ id, name, tags, emails: [`${id}@example.com`] }) as unknown as Contact;

function make(more: Record<string, unknown> = {}) {
	const people = [contact('ct_1', 'Ana', ['VIP']), contact('ct_2', 'Jonas'), contact('ct_3', 'Mia')];
	const server = fakeApi({
		'GET /contacts': () => ({ items: people, next_cursor: null, corrected: null }),
		'GET /contacts/count': () => ({ count: people.length }),
		'GET /tags': { items: [{ id: 'tg_1', name: 'VIP', color: 'amber', count: 1 }] },
		'GET /views': { items: [] },
		...more,
	});
	const [toasts, work] = [new Toasts(), new Work()];
	return { ...server, toasts, work, people, contacts: new Contacts(server.api, toasts, work) };
}

const done = (ids: string[], status = 'done') => ({ results: ids.map((contact_id) => ({ contact_id, status, reason: status === 'done' ? '' : 'Locked' })) });

describe('the list', () => {
	it('loads people, tags and views', async () => {
		const { contacts } = make();
		await contacts.load();
		expect([contacts.rows.total, contacts.rows.row(1)?.name, contacts.colorOf('VIP'), contacts.colorOf('?')]).toEqual([3, 'Jonas', 'amber', 'gray']);
	});
	it('asks with filter and order, drops the selection, and says what it corrected', async () => {
		const { contacts, calls } = make({ 'GET /contacts': { items: [], corrected: 'petrović' } });
		contacts.selection.toggle('ct_1', 0);
		await contacts.ask({ search: ' petrovik ', tags: ['VIP', 'Lead'], sort: '-created' });
		const { query } = calls('GET', '/contacts')[0]!;
		expect([query.get('search'), query.getAll('tag'), query.get('state'), query.get('sort')]).toEqual(['petrovik', ['VIP', 'Lead'], 'active', '-created']);
		expect([contacts.corrected, contacts.selection.size]).toEqual(['petrović', 0]);
	});
	it('says when it is not reached', async () => {
		const { contacts, toasts } = make({ 'GET /contacts': undefined, 'GET /tags': undefined });
		await contacts.load();
		expect(contacts.rows.error?.offline).toBe(true);
		expect(toasts.items).toHaveLength(1);
	});
});

describe('editing in place', () => {
	it('shows at once, keeps what the server made of it, and can be undone', async () => {
		const { contacts, calls, toasts } = make({ 'PATCH /contacts/ct_2': ({ body }: { body: object }) => ({ ...contact('ct_2', ''), ...body }) });
		await contacts.load();
		const editing = contacts.edit(contacts.rows.row(1)!, { name: 'Jonas W' });
		expect(contacts.rows.row(1)?.name).toBe('Jonas W');
		expect(await editing).toBe(true);
		await toasts.undoLast();
		expect(calls('PATCH', '/contacts/ct_2').map(({ body }) => body)).toEqual([{ name: 'Jonas W' }, { name: 'Jonas' }]);
		expect(contacts.rows.row(1)?.name).toBe('Jonas');
	});
	it('goes back when it is refused', async () => {
		const { contacts, toasts } = make({ 'PATCH /contacts/ct_2': new Refusal(409, { errors: [{ field: 'emails[0]', message: 'In use by Ana.' }] }) });
		await contacts.load();
		expect(await contacts.edit(contacts.rows.row(1)!, { emails: ['ana@example.com'] })).toBe(false);
		expect(contacts.rows.row(1)?.emails).toEqual(['ct_2@example.com']);
		expect(toasts.items[0]?.text).toBe('In use by Ana.');
	});
});

describe('many at once', () => {
	it('deletes at once and offers undo', async () => {
		const { contacts, toasts, calls } = make({ 'POST /contacts/bulk': ({ body }: { body: { contact_ids: string[] } }) => done(body.contact_ids) });
		await contacts.load();
		contacts.selection.replace(['ct_1', 'ct_3']);
		contacts.bulk('delete', ['ct_1', 'ct_3']);
		expect([contacts.rows.total, contacts.selection.size]).toEqual([1, 0]);
		await vi.waitFor(() => expect(toasts.items).toHaveLength(1));
		await toasts.undoLast();
		await vi.waitFor(() => expect(calls('POST', '/contacts/bulk')).toHaveLength(2));
		expect(calls('POST', '/contacts/bulk')[1]!.body).toMatchObject({ action: 'restore', contact_ids: ['ct_1', 'ct_3'] });
	});
	it('puts the rows back when nothing was done', async () => {
		const { contacts, work } = make({ 'POST /contacts/bulk': new Refusal(500, { detail: 'Disk full.' }), 'GET /contacts/count': { count: 3 } });
		await contacts.load();
		contacts.bulk('delete', ['ct_1']);
		await vi.waitFor(() => expect(work.tasks[0]?.state).toBe('failed'));
		expect([work.tasks[0]?.error, contacts.rows.total]).toEqual(['Disk full.', 3]);
	});
	it('tags at once and names what failed', async () => {
		const { contacts, work } = make({ 'POST /contacts/bulk': ({ body }: { body: { contact_ids: string[] } }) => done(body.contact_ids, 'failed') });
		await contacts.load();
		contacts.bulk('add_tag', ['ct_2'], 'Lead');
		expect(contacts.rows.row(1)?.tags).toEqual(['Lead']);
		contacts.bulk('remove_tag', ['ct_1'], 'VIP');
		expect(contacts.rows.row(0)?.tags).toEqual([]);
		await vi.waitFor(() => expect(work.tasks.every((task) => task.state === 'done')).toBe(true));
		expect(work.tasks[1]?.failed[0]).toMatchObject({ label: 'Jonas', reason: 'Locked' });
	});
	it('selects all that match, also what is not fetched', async () => {
		const { contacts } = make({ 'GET /contacts/ids': { ids: ['ct_1', 'ct_2', 'ct_3', 'ct_4'] } });
		await contacts.selectAll();
		expect(contacts.selection.size).toBe(4);
		const offline = make();
		await offline.contacts.selectAll();
		expect([offline.contacts.selection.size, offline.toasts.items.length]).toEqual([0, 1]);
	});
});

describe('views and tags', () => {
	const view = { id: 'vw_1', name: 'VIPs', query: { ...everyone, tags: ['VIP'] }, columns: ['email'] };
	it('are saved, applied and deleted with undo', async () => {
		const { contacts, toasts, calls } = make({ 'POST /views': ({ body }: { body: object }) => ({ ...body, id: 'vw_2' }), 'DELETE /views/vw_2': null });
		await contacts.applyView(view);
		expect(shows(view, contacts.query, [...contacts.columns])).toBe(true);
		await contacts.saveView('Mine');
		await contacts.deleteView(contacts.views[0]!);
		expect(contacts.views).toEqual([]);
		await toasts.undoLast();
		expect(contacts.views[0]).toMatchObject({ name: 'Mine', columns: ['email'] });
		expect(calls('POST', '/views')).toHaveLength(2);
	});
	it('come back when they could not be deleted', async () => {
		const { contacts, toasts } = make({ 'GET /views': { items: [view] }, 'PATCH /tags/tg_1': new Refusal(500) });
		await contacts.load();
		await contacts.deleteView(view);
		await contacts.colorTag(contacts.tags[0]!, 'red');
		expect([contacts.views.length, contacts.tags[0]?.color, toasts.items.length]).toEqual([1, 'amber', 2]);
	});
	it('renames a tag, in the rows and in the filter', async () => {
		const { contacts, calls } = make({ 'PATCH /tags/tg_1': { id: 'tg_1', name: 'Regular', color: 'amber', count: 2 } });
		await contacts.load();
		const tag = contacts.tags[0]!;
		await contacts.ask({ tags: [tag.name] });
		await contacts.renameTag(tag, 'Regular');
		expect([calls('PATCH', '/tags/tg_1')[0]!.body, contacts.tags[0]?.name, contacts.query.tags]).toEqual([{ name: 'Regular' }, 'Regular', ['Regular']]);
		await contacts.ask({ tags: [] });
		contacts.rows.patch(new Set(['ct_1']), (row) => ({ ...row, tags: ['Regular', 'x'] }));
		await contacts.renameTag(contacts.tags[0]!, 'Regular').catch(() => {});
		expect(contacts.rows.row(0)?.tags).toEqual(['Regular', 'x']);
	});
	it('keeps a tag whose new name is taken', async () => {
		const { contacts } = make({ 'PATCH /tags/tg_1': new Refusal(422) });
		await contacts.load();
		const name = contacts.tags[0]!.name;
		await expect(contacts.renameTag(contacts.tags[0]!, 'x')).rejects.toMatchObject({ status: 422 });
		expect(contacts.tags[0]!.name).toBe(name);
	});
	it('deletes a tag from everybody, or says why not', async () => {
		const { contacts, toasts } = make({ 'DELETE /tags/tg_1': null });
		await contacts.load();
		const tag = contacts.tags[0]!;
		contacts.rows.patch(new Set(['ct_1']), (row) => ({ ...row, tags: [tag.name, 'x'] }));
		expect(await contacts.deleteTag(tag)).toBe(true);
		expect([contacts.tags.length, contacts.rows.row(0)?.tags]).toEqual([0, ['x']]);
		expect([await make({}).contacts.deleteTag(tag), toasts.items.length]).toEqual([false, 1]);
	});
	it('creates a contact', async () => {
		const { contacts, toasts } = make({ 'POST /contacts': contact('ct_9', 'Zoë') });
		expect((await contacts.create({ name: 'Zoë' })).id).toBe('ct_9');
		expect(toasts.items).toHaveLength(1);
	});
});

it('knows whether the list is filtered', () => {
	expect([filtered(everyone), filtered({ ...everyone, tags: ['x'] }), filtered({ ...everyone, state: 'all' })]).toEqual([false, true, true]);
	expect(filterOf(everyone)).toEqual({ search: undefined, tag: undefined, state: 'active' });
});
