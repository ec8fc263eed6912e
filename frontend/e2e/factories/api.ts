import type { Portico } from './portico';

/** The staff API with a bearer token, for what a journey needs to be there before it begins. */
export interface StaffApi {
	get<Answer>(path: string): Promise<Answer>;
	post<Answer>(path: string, body?: unknown): Promise<Answer>;
	put<Answer>(path: string, body: unknown): Promise<Answer>;
}

/** Makes a token with the program itself and uses it. */
export async function staffApi(portico: Portico): Promise<StaffApi> {
	const token = (await portico.run('token', 'create', '--name', 'e2e')).trim();
	async function call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
		const headers: Record<string, string> = { Authorization: `Bearer ${token}` };
		if (body !== undefined) headers['Content-Type'] = 'application/json';
		const answer = await fetch(portico.staff + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
		const text = await answer.text();
		if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
		return (text ? JSON.parse(text) : undefined) as Answer;
	}
	return {
		get: (path) => call('GET', path),
		post: (path, body) => call('POST', path, body),
		put: (path, body) => call('PUT', path, body),
	};
}

/** Adds a contact and returns its id. */
export async function addContact(api: StaffApi, name: string, email: string, tags: string[] = []): Promise<string> {
	const { id } = await api.post<{ id: string }>('/api/staff/contacts', { name, emails: [email], tags });
	return id;
}

/** A fresh sign-in link for a contact. */
export async function magicLink(api: StaffApi, contact: string, target = '/'): Promise<string> {
	const { url } = await api.post<{ url: string }>('/api/staff/portal/magic-links', { contact_id: contact, target });
	return url;
}
