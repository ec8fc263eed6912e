import { describe, expect, it } from 'vitest';
import { Toasts } from '$kit/ui/toast/toasts.svelte';
import type { Account, Mail } from '$kit/api/types/staff';
import { fakeApi, Refusal } from '$staff/testing';
import { MailAccount } from './account.svelte';
import { canCancel, canRetry, DoNotSend, Outbox } from './outbox.svelte';

const mail = { id: 'ml_1', state: 'failed', to: 'mia@example.com' } as Mail;

function make(answers: Record<string, unknown>) {
	const toasts = new Toasts();
	const server = fakeApi({ 'GET /mail/messages': { items: [mail], next_cursor: null }, 'GET /mail/counts': { failed: 1 }, 'GET /mail/messages/ml_1': { ...mail, html: '', text: 'Hi' }, ...answers });
	return { ...server, toasts, outbox: new Outbox(server.api, toasts) };
}

describe('the outbox', () => {
	it('lists, filters and opens', async () => {
		const { outbox, calls } = make({});
		await outbox.load();
		await outbox.ask({ state: 'failed' });
		await outbox.ask({ search: ' mia ' });
		const { query } = calls('GET', '/mail/messages').at(-1)!;
		await outbox.show('ml_1');
		expect([query.get('state'), query.get('search'), outbox.open?.text, outbox.counts.failed]).toEqual(['failed', 'mia', 'Hi', 1]);
		await outbox.refresh();
		await outbox.show(undefined);
		expect(outbox.open).toBeUndefined();
	});
	it('sends again at once', async () => {
		const { outbox, toasts } = make({ 'POST /mail/messages/ml_1/retry': { ...mail, state: 'sending' } });
		await outbox.load();
		await outbox.show('ml_1');
		const going = outbox.retry(mail);
		expect([outbox.mails.row(0)?.state, outbox.open?.state]).toEqual(['queued', 'queued']);
		await going;
		expect([outbox.mails.row(0)?.state, outbox.open?.state, toasts.items.length]).toEqual(['sending', 'sending', 1]);
	});
	it('goes back when it could not be cancelled', async () => {
		const { outbox, toasts } = make({ 'POST /mail/messages/ml_1/cancel': new Refusal(409, { detail: 'Already sent.' }) });
		await outbox.load();
		await outbox.cancel(mail);
		expect([outbox.mails.row(0)?.state, toasts.items[0]?.text]).toEqual(['failed', 'Already sent.']);
	});
	it('offers to take a cancel back', async () => {
		const { outbox, toasts, calls } = make({ 'POST /mail/messages/ml_1/cancel': { ...mail, state: 'cancelled' }, 'POST /mail/messages/ml_1/retry': { ...mail, state: 'queued' } });
		await outbox.cancel(mail);
		await toasts.undoLast();
		expect(calls('POST', '/mail/messages/ml_1/retry')).toHaveLength(1);
	});
	it('says when a mail does not open', async () => {
		const { outbox } = make({ 'GET /mail/messages/ml_1': undefined, 'GET /mail/counts': undefined });
		await outbox.load();
		await outbox.show('ml_1');
		expect(outbox.openError?.offline).toBe(true);
	});
	it('knows what can be done', () => {
		expect([canRetry('failed'), canRetry('accepted'), canCancel('queued'), canCancel('failed')]).toEqual([true, false, true, false]);
	});
});

describe('addresses nothing is sent to', () => {
	const gone = { email: 'gone@example.com', reason: 'bounced', detail: '550', since: '' };
	it('are added, searched and allowed again with undo', async () => {
		const toasts = new Toasts();
		const { api, calls } = fakeApi({ 'GET /mail/suppressions': { items: [gone] }, 'POST /mail/suppressions': gone, 'POST /mail/suppressions/remove': null });
		const list = new DoNotSend(api, toasts);
		await list.find(' gone ');
		await list.remove(list.list.items[0]!);
		expect(list.list.items).toEqual([]);
		await toasts.undoLast();
		expect([calls('POST', '/mail/suppressions')[0]!.body, list.list.items.length, calls('GET', '/mail/suppressions')[0]!.query.get('search')]).toEqual([{ email: 'gone@example.com', detail: '550' }, 1, 'gone']);
	});
	it('stay when that failed', async () => {
		const toasts = new Toasts();
		const list = new DoNotSend(fakeApi({ 'GET /mail/suppressions': { items: [gone] } }).api, toasts);
		await list.list.load();
		await list.remove(list.list.items[0]!);
		expect([list.list.items.length, toasts.items[0]?.kind]).toEqual([1, 'error']);
		await expect(list.add('x@example.com', '')).rejects.toMatchObject({ offline: true });
	});
});

describe('the account', () => {
	const account = { kind: 'smtp', host: 'a', port: 465, security: 'tls', username: 'u', from_name: '', from_address: '', preset: '', configured: true, has_password: true };
	const presets = { items: [{ key: 'fastmail', host: 'smtp.fastmail.com', port: 587, security: 'starttls' }] };
	const start = async (more: Record<string, unknown>) => {
		const toasts = new Toasts();
		const server = fakeApi({ 'GET /mail/account': account, 'GET /mail/presets': presets, ...more });
		const mailAccount = new MailAccount(server.api, toasts);
		await mailAccount.load();
		return { ...server, toasts, account: mailAccount };
	};
	it('fills in a provider, keeps the password when none is typed', async () => {
		const { account: it, calls, toasts } = await start({ 'PUT /mail/account': ({ body }: { body: object }) => ({ ...account, ...body }) });
		it.choosePreset('fastmail');
		expect([it.form!.values.host, it.form!.values.port, it.preset?.key]).toEqual(['smtp.fastmail.com', 587, 'fastmail']);
		await it.save();
		expect(calls('PUT', '/mail/account')[0]!.body).not.toHaveProperty('password');
		it.form!.values.password = 'secret';
		it.choosePreset('');
		await it.save();
		expect(calls('PUT', '/mail/account')[1]!.body).toMatchObject({ password: 'secret', preset: '' });
		expect([it.form!.values.password, it.form!.dirty, toasts.items.length]).toEqual(['', false, 2]);
	});
	it('tests what is entered and names the failing step', async () => {
		const { account: it, calls } = await start({ 'POST /mail/test': { ok: false, steps: [{ step: 'auth', state: 'failed' }] } });
		it.form!.values.host = 'other';
		const going = it.test('kim@example.com');
		expect(it.testing).toBe(true);
		await going;
		expect([it.testing, it.result?.steps[0]?.step, (calls('POST', '/mail/test')[0]!.body as { account: { host: string } }).account.host]).toEqual([false, 'auth', 'other']);
	});
	it('says where mail goes when all is well', async () => {
		const { account: it } = await start({});
		const ok = { ...account, configured: true, host: 'smtp.example.com', status: { state: 'ok', what: '' } } as unknown as Account;
		const standing = (value: Account | undefined) => {
			it.account = value;
			return it.standing;
		};
		expect([ok, { ...ok, kind: 'files' as const }, { ...ok, status: { ...ok.status, state: 'paused' as const } }, { ...ok, configured: false }, undefined].map(standing)).toEqual(['account.goes_through', 'account.goes_to_files', undefined, undefined, undefined]);
	});
	it('says when test, resume or load fail', async () => {
		const { account: it, toasts } = await start({});
		await it.test('x');
		await it.resume();
		expect([it.testError?.offline, toasts.items.length]).toEqual([true, 1]);
		const offline = new MailAccount(fakeApi({}).api, toasts);
		await offline.load();
		await offline.test('x');
		offline.choosePreset('fastmail');
		expect([offline.error?.offline, offline.result]).toEqual([true, undefined]);
	});
});
