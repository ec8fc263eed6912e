import { describe, expect, it, vi } from 'vitest';
import { createClient, take, upload } from './client';
import { ApiError, asApiError, isAbort } from './errors';

interface Paths {
	'/api/things': {
		get: { parameters: { query?: { search?: string } }; responses: { 200: { content: { 'application/json': { items: string[] } } } } };
		post: { requestBody: { content: { 'application/json': { name: string } } }; responses: { 201: { content: { 'application/json': { id: string } } } } };
		put: { requestBody: { content: { 'application/octet-stream': string } }; responses: { 204: { content?: never } } };
	};
}

const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status, headers: { 'Content-Type': status < 400 ? 'application/json' : 'application/problem+json' } });

function make(...answers: (Response | Error)[]) {
	const sent: { url: string; init: RequestInit }[] = [];
	const fake = vi.fn(async (url: unknown, init: unknown) => {
		sent.push({ url: String(url), init: init as RequestInit });
		const answer = answers.shift()!;
		if (answer instanceof Error) throw answer;
		return answer;
	});
	const onSignedOut = vi.fn();
	const onReach = vi.fn();
	const client = createClient<Paths>({ language: () => 'de', onSignedOut, onReach, fetch: fake as unknown as typeof fetch, retryAfter: 0 });
	return { client, sent, onSignedOut, onReach };
}

describe('the client', () => {
	it('asks in the language and returns data', async () => {
		const { client, sent, onReach } = make(json({ items: ['a'] }));
		expect(await take(client.GET('/api/things', { params: { query: { search: 'ä b' } } }))).toEqual({ items: ['a'] });
		expect(sent[0]!.url).toContain('/api/things?search=%C3%A4%20b');
		expect(new Headers(sent[0]!.init.headers).get('Accept-Language')).toBe('de');
		expect(onReach).toHaveBeenLastCalledWith(true);
	});
	it('sends JSON and bytes as ArrayBuffer, never anything else', async () => {
		const { client, sent } = make(json({ id: 'x' }, 201), new Response(null, { status: 204 }));
		await take(client.POST('/api/things', { body: { name: 'Ana' } }));
		await take(client.PUT('/api/things', upload(new Uint8Array([1, 2]).buffer, 'image/png')));
		expect(new TextDecoder().decode(sent[0]!.init.body as ArrayBuffer)).toBe('{"name":"Ana"}');
		expect(new Headers(sent[0]!.init.headers).get('Content-Type')).toContain('application/json');
		expect((sent[1]!.init.body as ArrayBuffer).byteLength).toBe(2);
		expect(new Headers(sent[1]!.init.headers).get('Content-Type')).toBe('image/png');
	});
	it('repeats a GET once, a POST never', async () => {
		const first = make(new TypeError('down'), json({ items: [] }));
		await take(first.client.GET('/api/things'));
		expect(first.sent).toHaveLength(2);
		const second = make(new TypeError('down'));
		await expect(take(second.client.POST('/api/things', { body: { name: '' } }))).rejects.toMatchObject({ offline: true });
		expect(second.sent).toHaveLength(1);
		expect(second.onReach).toHaveBeenLastCalledWith(false);
		const away = make(new Response('', { status: 503 }), json({ items: [] }));
		await take(away.client.GET('/api/things'));
		expect(away.sent).toHaveLength(2);
	});
	it('throws field errors', async () => {
		const { client } = make(json({ code: 'contact.email_taken', title: 'Taken', detail: 'Ana uses it.', errors: [{ field: 'emails[0]', code: 'taken', message: 'In use' }] }, 409));
		const error = await take(client.POST('/api/things', { body: { name: '' } })).catch((thrown: unknown) => thrown);
		expect(error).toBeInstanceOf(ApiError);
		expect(error).toMatchObject({ code: 'contact.email_taken', status: 409, message: 'Ana uses it.', fields: [{ field: 'emails[0]' }] });
	});
	it('survives an answer that is no problem document', async () => {
		const { client } = make(new Response('<h1>Proxy</h1>', { status: 500 }));
		await expect(take(client.GET('/api/things'))).rejects.toMatchObject({ code: 'unknown', status: 500, fields: [] });
	});
	it('says when the session is over', async () => {
		const { client, onSignedOut } = make(json({ code: 'auth.required' }, 401));
		await expect(take(client.GET('/api/things'))).rejects.toMatchObject({ status: 401 });
		expect(onSignedOut).toHaveBeenCalledOnce();
	});
	it('passes an abort on as it is', async () => {
		const { client, sent } = make(new DOMException('stop', 'AbortError'));
		const thrown = await take(client.GET('/api/things')).catch((error: unknown) => error);
		expect(isAbort(thrown)).toBe(true);
		expect(sent).toHaveLength(1);
	});
});

describe('asApiError', () => {
	it('makes one kind of error of all', () => {
		const own = new ApiError({ code: 'x' }, 400);
		expect(asApiError(own)).toBe(own);
		expect(asApiError(new TypeError('failed')).offline).toBe(true);
		expect(asApiError(new Error('odd')).message).toBe('odd');
		expect(asApiError('text').message).toBe('text');
	});
});
