import { createClient } from '$kit/api/client';
import type { paths } from '$kit/api/types/staff';

interface Sent {
	method: string;
	path: string;
	query: URLSearchParams;
	body: unknown;
}

type Answer = unknown | ((sent: Sent) => unknown);

/** An answer that is an RFC 9457 problem. */
export class Refusal {
	constructor(
		readonly status: number,
		readonly problem: Record<string, unknown> = {},
	) {}
}

/**
 * A client over scripted answers, by "METHOD /path": for tests of rune classes.
 * A missing answer is a lost connection, so that faults need no set-up.
 */
export function fakeApi(answers: Record<string, Answer>) {
	const sent: Sent[] = [];
	const fake = async (address: unknown, init?: RequestInit): Promise<Response> => {
		const url = new URL(String(address));
		const text = init?.body ? new TextDecoder().decode(init.body as ArrayBuffer) : '';
		const request: Sent = { method: init?.method ?? 'GET', path: url.pathname.replace('/api/staff', ''), query: url.searchParams, body: text.startsWith('{') ? JSON.parse(text) : text };
		sent.push(request);
		const answer = answers[`${request.method} ${request.path}`];
		if (answer === undefined) throw new TypeError('not reached');
		const body: unknown = typeof answer === 'function' ? await (answer as (sent: Sent) => unknown)(request) : answer;
		if (body instanceof Refusal) return new Response(JSON.stringify({ status: body.status, ...body.problem }), { status: body.status, headers: { 'Content-Type': 'application/problem+json' } });
		if (body === null) return new Response(null, { status: 204 });
		if (typeof body === 'string') return new Response(body, { headers: { 'Content-Type': 'text/csv' } });
		return new Response(JSON.stringify(body), { headers: { 'Content-Type': 'application/json' } });
	};
	const api = createClient<paths>({ language: () => 'en', fetch: fake as typeof fetch, retryAfter: 0 });
	/** How often, and with what, a path was asked. */
	const calls = (method: string, path: string) => sent.filter((one) => one.method === method && one.path === path);
	return { api, sent, calls };
}
