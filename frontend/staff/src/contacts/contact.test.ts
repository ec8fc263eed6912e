import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Toasts } from '$kit/ui/toast/toasts.svelte';
import { fakeApi, Refusal } from '$staff/testing';
import { ContactDetail } from './contact.svelte';

const ana = { id: 'ct_1', name: 'Ana', emails: ['ana@example.com'], phones: [], company: '', address: { street: '', city: '', region: '', postal_code: '', country: '' }, language: '', time_zone: '', birthday: '', tags: [], photo_url: '/photo', archived: false };
const note = { id: 'nt_1', text: 'Calls in the morning', author: 'Kim', created_at: '', updated_at: '' };

function make(more: Record<string, unknown> = {}) {
	const server = fakeApi({ 'GET /contacts/ct_1': ana, 'GET /contacts/ct_1/notes': { items: [note] }, 'GET /overview/contacts/ct_1/timeline': { items: [] }, ...more });
	const toasts = new Toasts();
	return { ...server, toasts, detail: new ContactDetail('ct_1', server.api, toasts) };
}

beforeEach(() => {
	const kept = new Map<string, string>();
	vi.stubGlobal('sessionStorage', { getItem: (k: string) => kept.get(k) ?? null, setItem: (k: string, v: string) => kept.set(k, v), removeItem: (k: string) => kept.delete(k) });
});

describe('a contact', () => {
	it('saves only what changed', async () => {
		const { detail, calls } = make({ 'PATCH /contacts/ct_1': ({ body }: { body: object }) => ({ ...ana, ...body }) });
		await detail.load();
		detail.form!.values.company = 'Weber';
		expect(await detail.save()).toBe(true);
		expect(calls('PATCH', '/contacts/ct_1')[0]!.body).toEqual({ company: 'Weber' });
		expect([detail.contact?.company, detail.form!.dirty]).toEqual(['Weber', false]);
	});
	it('keeps what is being typed when it changes elsewhere', async () => {
		let company = '';
		const { detail } = make({ 'GET /contacts/ct_1': () => ({ ...ana, company, name: company ? 'Ana P' : 'Ana' }) });
		await detail.load();
		detail.form!.values.name = 'Anna';
		company = 'Nord';
		await detail.load();
		expect([detail.form!.values.name, detail.form!.values.company]).toEqual(['Anna', 'Nord']);
	});
	it('shows a refusal beside its field and asks for a name', async () => {
		const { detail, sent } = make({ 'PATCH /contacts/ct_1': new Refusal(409, { errors: [{ field: 'emails[0]', message: 'In use.' }] }) });
		await detail.load();
		detail.form!.values.emails = ['mia@example.com'];
		expect(await detail.save()).toBe(false);
		expect(detail.form!.error('emails')).toBe('In use.');
		const before = sent.length;
		detail.form!.values.name = ' ';
		expect(await detail.save()).toBe(false);
		expect(sent).toHaveLength(before);
	});
	it('is archived with undo, and stays when that failed', async () => {
		const { detail, toasts } = make({ 'POST /contacts/ct_1/archive': { ...ana, archived: true } });
		await detail.setArchived(true);
		await detail.load();
		await detail.setArchived(true);
		expect(detail.contact?.archived).toBe(true);
		await toasts.undoLast();
		expect([detail.contact?.archived, toasts.items.at(-1)?.kind]).toEqual([true, 'error']);
	});
	it('is deleted and restored', async () => {
		const { detail, toasts } = make({ 'DELETE /contacts/ct_1': null, 'POST /contacts/ct_1/restore': ana });
		await detail.load();
		const restored = vi.fn();
		expect(await detail.remove(restored)).toBe(true);
		await toasts.undoLast();
		expect(restored).toHaveBeenCalledOnce();
		const offline = make();
		expect(await offline.detail.remove(restored)).toBe(false);
	});
	it('says what is wrong when it does not load', async () => {
		const { detail } = make({ 'GET /contacts/ct_1': new Refusal(404, { detail: 'Gone.' }) });
		await detail.load();
		expect(detail.error?.message).toBe('Gone.');
	});
});

describe('the photo', () => {
	const file = (type: string, size = 3) => ({ type, size, arrayBuffer: async () => new Uint8Array([1, 2, 3]).buffer }) as unknown as File;
	it('is sent as bytes', async () => {
		const { detail, calls } = make({ 'PUT /contacts/ct_1/photo': { ...ana, photo_url: '/new' } });
		await detail.setPhoto(file('image/png'));
		expect([detail.contact?.photo_url, calls('PUT', '/contacts/ct_1/photo').length]).toEqual(['/new', 1]);
	});
	it.each([
		['image/svg+xml', 3],
		['image/png', 6 * 1024 * 1024],
	])('refuses %s of %d bytes', async (type, size) => {
		const { detail, sent, toasts } = make();
		await detail.setPhoto(file(type, size));
		expect([sent.length, toasts.items.length]).toEqual([0, 1]);
	});
	it('comes back when it could not be removed', async () => {
		const { detail, toasts } = make();
		await detail.load();
		await detail.removePhoto();
		expect([detail.contact?.photo_url, toasts.items.length]).toEqual(['/photo', 1]);
		await detail.setPhoto(file('image/png'));
		expect(toasts.items).toHaveLength(2);
	});
});

describe('notes and activity', () => {
	it('are added, edited and deleted with undo', async () => {
		const fresh = { ...note, id: 'nt_2', text: 'New' };
		const { detail, toasts } = make({ 'POST /contacts/ct_1/notes': fresh, 'PATCH /contacts/ct_1/notes/nt_2': { ...fresh, text: 'Edited' }, 'DELETE /contacts/ct_1/notes/nt_2': null, 'POST /contacts/ct_1/notes/nt_2/restore': fresh });
		await detail.notes.load();
		expect(await detail.addNote('New')).toBe(true);
		expect(await detail.editNote(fresh, 'Edited')).toBe(true);
		expect(detail.notes.items[0]?.text).toBe('Edited');
		await detail.removeNote(detail.notes.items[0]!);
		expect(detail.notes.items).toHaveLength(1);
		await toasts.undoLast();
		expect(detail.notes.items).toHaveLength(2);
	});
	it('stay as they were when saving fails', async () => {
		const { detail, toasts } = make();
		await detail.notes.load();
		expect([await detail.addNote('New'), await detail.editNote(note, 'X')]).toEqual([false, false]);
		await detail.removeNote(note);
		expect([detail.notes.items[0]?.text, toasts.items.length]).toEqual(['Calls in the morning', 3]);
	});
	it('searches the activity', async () => {
		const { detail, calls } = make();
		await detail.searchActivity(' invited ');
		expect(calls('GET', '/overview/contacts/ct_1/timeline')[0]!.query.get('search')).toBe('invited');
	});
});
