import createFetchClient, { type Client } from 'openapi-fetch';
import { ApiError, errorOf } from './errors';

export interface ClientOptions {
	/** Asked for the language of error sentences at every request. */
	language(): string;
	/** The session is over (401). */
	onSignedOut?(): void;
	/** Told after every request whether the server was reached. */
	onReach?(reached: boolean): void;
	fetch?: typeof fetch;
	/** Pause before the one retry of a GET. */
	retryAfter?: number;
}

/**
 * Sends with fetch(url, init) and a text or ArrayBuffer body only: inside the
 * window a Blob, File or FormData sent over wails:// ends the whole process.
 */
function transport(options: ClientOptions): (request: Request) => Promise<Response> {
	const send = options.fetch ?? ((...args: Parameters<typeof fetch>) => fetch(...args));
	const once = async (request: Request, body: ArrayBuffer | undefined) => {
		const headers = new Headers(request.headers);
		headers.set('Accept-Language', options.language());
		return send(request.url, { method: request.method, headers, body, signal: request.signal, credentials: 'same-origin', cache: 'no-store' });
	};
	return async (request) => {
		const safe = request.method === 'GET';
		const body = safe ? undefined : await request.arrayBuffer();
		const payload = body && body.byteLength > 0 ? body : undefined;
		try {
			let response: Response;
			try {
				response = await once(request, payload);
				if (safe && response.status >= 502 && response.status <= 504) throw new TypeError('server is away');
			} catch (thrown) {
				if (!safe || !(thrown instanceof TypeError)) throw thrown;
				await new Promise((wake) => setTimeout(wake, options.retryAfter ?? 400));
				response = await once(request, payload);
			}
			options.onReach?.(true);
			return response;
		} catch (thrown) {
			if (!(thrown instanceof TypeError)) throw thrown;
			options.onReach?.(false);
			throw new ApiError({ code: 'offline' }, 0);
		}
	};
}

/** The one typed client of a face. Anything but success is thrown as ApiError. */
export function createClient<Paths extends object>(options: ClientOptions): Client<Paths> {
	const baseUrl = typeof location === 'undefined' ? 'http://localhost' : location.origin;
	const client = createFetchClient<Paths>({ baseUrl: baseUrl === 'null' ? '' : baseUrl, fetch: transport(options) });
	client.use({
		async onResponse({ response }) {
			if (response.ok) return undefined;
			if (response.status === 401) options.onSignedOut?.();
			throw await errorOf(response);
		},
	});
	return client;
}

/** Unwraps a call: the data, since failures were thrown. */
export async function take<Data>(call: Promise<{ data?: Data }>): Promise<Data> {
	return (await call).data as Data;
}

/** What an upload adds to a call: bytes as they are, with their type. The generated types call such a body a string. */
export function upload(bytes: ArrayBuffer, type: string): { body: string; bodySerializer(body: unknown): ArrayBuffer; headers: Record<string, string> } {
	return { body: bytes as unknown as string, bodySerializer: (body) => body as ArrayBuffer, headers: { 'Content-Type': type } };
}
