import { describe, expect, it, vi } from 'vitest';
import { ApiError } from '../api/errors';
import { Form } from './form.svelte';

const memory = () => {
	const kept = new Map<string, string>();
	return { kept, getItem: (k: string) => kept.get(k) ?? null, setItem: (k: string, v: string) => void kept.set(k, v), removeItem: (k: string) => void kept.delete(k) };
};
const start = () => ({ name: 'Ana', emails: ['ana@example.com'] });

describe('a form', () => {
	it('saves and is clean again', async () => {
		const form = new Form(start());
		form.values.name = ' Ana P ';
		expect(form.dirty).toBe(true);
		expect(await form.submit(async (values) => ({ ...values, name: values.name.trim() }))).toBe(true);
		expect(form.values.name).toBe('Ana P');
		expect(form.dirty).toBe(false);
	});
	it('keeps every value when saving fails, and puts sentences beside fields', async () => {
		const form = new Form(start());
		form.values.emails = ['taken@example.com'];
		const refused = new ApiError({ detail: 'no', errors: [{ field: 'emails[0]', code: 'taken', message: 'In use by Mia.' }] }, 409);
		expect(await form.submit(() => Promise.reject(refused))).toBe(false);
		expect(form.values.emails).toEqual(['taken@example.com']);
		expect(form.error('emails')).toBe('In use by Mia.');
		expect(form.error('emails[0]')).toBe('In use by Mia.');
		expect(form.error('name')).toBeUndefined();
		expect(form.problem).toBeUndefined();
		expect(form.busy).toBe(false);
	});
	it('shows what belongs to no field as its problem', async () => {
		const form = new Form(start());
		await form.submit(() => Promise.reject(new TypeError('down')));
		expect(form.problem?.offline).toBe(true);
		await form.submit(async () => {});
		expect(form.problem).toBeUndefined();
	});
	it('checks before it sends', async () => {
		const form = new Form(start(), { check: (values) => (values.name ? {} : { name: 'Needed' }) });
		form.values.name = '';
		const send = vi.fn();
		expect(await form.submit(send)).toBe(false);
		expect(send).not.toHaveBeenCalled();
		expect(form.error('name')).toBe('Needed');
	});
	it('sends once, however often it is pressed', async () => {
		const form = new Form(start());
		let finish: () => void = () => {};
		const send = vi.fn(() => new Promise<void>((done) => (finish = done)));
		const first = form.submit(send);
		expect(await form.submit(send)).toBe(false);
		finish();
		expect(await first).toBe(true);
		expect(send).toHaveBeenCalledOnce();
	});
	it('does not overwrite what is being typed', async () => {
		const form = new Form(start());
		form.values.name = 'Anna';
		form.refresh({ name: 'Server', emails: ['new@example.com'] });
		expect(form.values).toEqual({ name: 'Anna', emails: ['new@example.com'] });
		const saving = form.submit(async (values) => ({ ...values, name: 'Saved' }));
		form.values.name = 'Typed on';
		await saving;
		expect(form.values.name).toBe('Typed on');
	});
	it('survives a closed page, and forgets after saving or giving up', async () => {
		const drafts = memory();
		const first = new Form(start(), { draft: 'contact', drafts });
		first.keep();
		expect(drafts.kept.size).toBe(0);
		first.values.name = 'Half';
		first.keep();
		const second = new Form(start(), { draft: 'contact', drafts });
		expect(second.values.name).toBe('Half');
		second.reset();
		expect(second.values.name).toBe('Ana');
		expect(drafts.kept.size).toBe(0);
		drafts.setItem('contact', 'broken {');
		expect(new Form(start(), { draft: 'contact', drafts }).values.name).toBe('Ana');
	});
});
