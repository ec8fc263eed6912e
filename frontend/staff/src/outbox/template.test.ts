import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Toasts } from '$kit/ui/toast/toasts.svelte';
import type { Problem } from '$kit/api/types/staff';
import { fakeApi } from '$staff/testing';
import { stretches, TemplateEditor } from './template.svelte';

const text = { subject: 'Hello {{contact.firstname}}', heading: 'H', body: 'B', button: 'Open' };
const template = { ...text, key: 'invitation', language: 'en', custom: true, name: 'Invitation', description: '' };
const problem: Problem = { part: 'subject', start: 6, end: 27, name: 'contact.firstname', message: 'No such value.', suggestion: 'contact.first_name' };

async function make(more: Record<string, unknown> = {}) {
	const toasts = new Toasts();
	const server = fakeApi({
		'GET /mail/templates': { items: [template] },
		'GET /mail/values': { items: [{ name: 'contact.name', templates: [], body_only: false }, { name: 'note', templates: ['invitation'], body_only: true }, { name: 'code', templates: ['login'], body_only: false }] },
		'POST /mail/templates/invitation/preview': { subject: 'Hello', html: '', text: '', problems: [problem] },
		...more,
	});
	const editor = new TemplateEditor('invitation', 'en', server.api, toasts);
	await editor.load();
	return { ...server, toasts, editor };
}

beforeEach(() => {
	const kept = new Map<string, string>();
	vi.stubGlobal('sessionStorage', { getItem: (k: string) => kept.get(k) ?? null, setItem: (k: string, v: string) => kept.set(k, v), removeItem: (k: string) => kept.delete(k) });
});

describe('a mail text', () => {
	it('previews with a real contact and repairs a wrong value', async () => {
		const { editor, calls } = await make();
		editor.contact = 'ct_1';
		await editor.show();
		expect(calls('POST', '/mail/templates/invitation/preview')[0]!.body).toMatchObject({ contact_id: 'ct_1', language: 'en', subject: text.subject });
		editor.repair(editor.problems[0]!);
		expect(editor.form!.values.subject).toBe('Hello {{contact.first_name}}');
	});
	it('inserts a value at the cursor', async () => {
		const { editor } = await make();
		expect(editor.insert('heading', 'contact.name', 0, 1)).toBe(16);
		expect(editor.form!.values.heading).toBe('{{contact.name}}');
	});
	it('offers the values that fit', async () => {
		const { editor } = await make();
		expect(editor.valuesFor('subject').map(({ name }) => name)).toEqual(['contact.name']);
		expect(editor.valuesFor('body').map(({ name }) => name)).toEqual(['contact.name', 'note']);
	});
	it('is saved', async () => {
		const { editor, toasts } = await make({ 'PUT /mail/templates/invitation/en': ({ body }: { body: object }) => ({ ...template, ...body }) });
		editor.form!.values.body = 'New';
		await editor.save();
		expect([editor.template?.body, editor.form!.dirty, toasts.items.length]).toEqual(['New', false, 1]);
	});
	it('goes back to the original, and forth', async () => {
		const { editor, toasts, calls } = await make({ 'DELETE /mail/templates/invitation/en': null, 'PUT /mail/templates/invitation/en': template });
		await editor.restore();
		await toasts.undoLast();
		expect(calls('PUT', '/mail/templates/invitation/en')[0]!.body).toEqual(text);
	});
	it('keeps what is typed when nothing is reached', async () => {
		const { editor, toasts } = await make({ 'POST /mail/templates/invitation/preview': undefined });
		editor.form!.values.body = 'Typed';
		await editor.show();
		await editor.save();
		await editor.restore();
		expect([editor.form!.values.body, editor.form!.problem?.offline, toasts.items.length, editor.problems]).toEqual(['Typed', true, 1, []]);
		await editor.find('x');
		expect(editor.people).toHaveLength(1);
	});
	it('finds people to preview with', async () => {
		const { editor } = await make({ 'GET /contacts': { items: [{ id: 'ct_1', name: 'Ana', emails: ['a@example.com'] }] } });
		await editor.find('ana');
		expect(editor.people[1]).toEqual({ value: 'ct_1', label: 'Ana', detail: 'a@example.com' });
	});
	it('says when it does not load', async () => {
		const editor = new TemplateEditor('invitation', 'en', fakeApi({}).api, new Toasts());
		await editor.load();
		await editor.show();
		expect([editor.error?.offline, editor.insert('body', 'x', 3, 3)]).toEqual([true, 3]);
	});
});

it.each([
	['plain', [], [['plain', false]]],
	['a bad c', [{ start: 2, end: 5 }], [['a ', false], ['bad', true], [' c', false]]],
	['bad', [{ start: 0, end: 3 }, { start: 1, end: 2 }], [['bad', true]]],
	['short', [{ start: 3, end: 40 }], [['short', false]]],
])('cuts %s', (words, problems, wanted) => expect(stretches(words, problems).map((one) => [one.text, one.wrong])).toEqual(wanted));
