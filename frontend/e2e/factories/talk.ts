import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { addContact, magicLink, type StaffApi } from './api';
import { openClient, phone, signIn, type Client } from './page';
import type { Portico } from './portico';

export interface Said {
	id: string;
	seq: number;
	text: string;
	deleted_at: string | null;
	reactions: { emoji: string; by: string[] }[];
	reply_to: { seq: number } | null;
	attachments: { name: string; kind: string }[];
}

/** What stories about chat share. */
export function chatOf(portico: Portico, browser: Browser, api: StaffApi) {
	let count = 0;
	let said = 0;
	return {
		/** A contact of its own for each story, and their conversation. */
		async client(name: string): Promise<{ contact: string; conversation: string }> {
			const contact = await addContact(api, name, `client${++count}@example.test`);
			await api.post('/api/staff/chat/conversations', { kind: 'direct', contact_ids: [contact] });
			return { contact, conversation: contact.replace(/^ct_/, 'cv_') };
		},
		/** Chat as a client has it on a device. */
		async opened(contact: string, options: BrowserContextOptions = phone): Promise<Client> {
			const one = await openClient(browser, options);
			await signIn(one.page, await magicLink(api, contact, '/chat'));
			await one.page.getByRole('textbox', { name: 'Message', exact: true }).waitFor();
			return one;
		},
		/** The business says something. */
		say: (conversation: string, text: string, more: object = {}) => api.post<Said>(`/api/staff/chat/conversations/${conversation}/messages`, { client_msg_id: `e2e-${++said}`, text, ...more }),
		/** All that was said, as staff see it. */
		messages: async (conversation: string) => (await api.get<{ items: Said[] }>(`/api/staff/chat/conversations/${conversation}/messages?limit=200`)).items,
	};
}

/** The line of a message on a page. */
export function bubble(page: Page, text: string) {
	return page.locator('.line').filter({ has: page.locator('.bubble').getByText(text, { exact: true }) });
}

/** Writes as a client does. */
export async function write(page: Page, text: string): Promise<void> {
	await page.getByRole('textbox', { name: 'Message', exact: true }).fill(text);
	await page.getByRole('button', { name: 'Send' }).click();
}
