import { describe, expect, it } from 'vitest';
import { Toasts } from '$kit/ui/toast/toasts.svelte';
import { fakeApi, Refusal } from '$staff/testing';
import { Tokens } from './tokens.svelte';

const token = { id: 'tk_1', name: 'Backup', created_at: '2026-01-12T10:00:00Z', last_used_at: null };

function make(answers: Record<string, unknown>) {
	const toasts = new Toasts();
	const server = fakeApi({ 'GET /tokens': { items: [token], next_cursor: null }, ...answers });
	return { ...server, toasts, tokens: new Tokens(server.api, toasts) };
}

describe('tokens', () => {
	it('are made, and the value is kept apart from the list', async () => {
		const { tokens, calls } = make({ 'POST /tokens': { ...token, id: 'tk_2', name: 'Shop', token: 'portico_x' } });
		await tokens.load();
		expect(await tokens.make('Shop')).toBe(true);
		expect([calls('POST', '/tokens')[0]!.body, tokens.made?.token, tokens.items?.map((one) => one.id)]).toEqual([{ name: 'Shop' }, 'portico_x', ['tk_2', 'tk_1']]);
		expect(JSON.stringify(tokens.items)).not.toContain('portico_x');
	});
	it('are revoked, with the value that is still shown', async () => {
		const { tokens } = make({ 'POST /tokens': { ...token, id: 'tk_2', token: 'portico_x' }, 'DELETE /tokens/tk_2': null });
		await tokens.load();
		await tokens.make('Shop');
		await tokens.revoke(tokens.items![0]!);
		expect([tokens.made, tokens.items?.map((one) => one.id)]).toEqual([undefined, ['tk_1']]);
	});
	it('come back when they could not be revoked, and say why none was made', async () => {
		const { tokens, toasts } = make({ 'POST /tokens': new Refusal(422, { detail: 'Too long.' }) });
		await tokens.load();
		await tokens.revoke(token);
		expect([tokens.items?.length, toasts.items.length]).toEqual([1, 1]);
		expect([await tokens.make('x'.repeat(500)), tokens.problem?.message, tokens.busy]).toEqual([false, 'Too long.', false]);
	});
	it('say when they do not load', async () => {
		const { tokens } = make({ 'GET /tokens': undefined });
		await tokens.load();
		expect([tokens.items, tokens.error?.offline]).toEqual([undefined, true]);
	});
});
