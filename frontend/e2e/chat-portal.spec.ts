// Chat as clients have it: on a phone, beside a keyboard, on a desk, on two
// devices at once, without a connection, and read by others than eyes.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { addContact, magicLink, staffApi, type StaffApi } from './factories/api';
import { accessible, fits, openClient, phone, shot, signIn, type Client } from './factories/page';
import { startBrowser, startPortico, type Portico } from './factories/portico';
import { until } from './factories/until';

const beside = { ...phone, viewport: { width: 390, height: 400 } };
const desk = { viewport: { width: 1280, height: 800 } };

interface Said {
	id: string;
	seq: number;
	text: string;
	deleted_at: string | null;
	reactions: { emoji: string; by: string[] }[];
	reply_to: { seq: number } | null;
}

describe('chat for clients', () => {
	let portico: Portico;
	let browser: Browser;
	let api: StaffApi;
	let count = 0;

	before(async () => {
		[portico, browser] = await Promise.all([startPortico(), startBrowser()]);
		api = await staffApi(portico);
		await api.put('/api/staff/branding', { name: 'Hanna’s Garden', description: 'Plants and places to sit', accent: '#8a3ffc', accent_2: '#0f766e', support_email: 'help@garden.test', copyright: '© 2026 Hanna’s Garden' });
	});
	after(async () => {
		await browser?.close();
		await portico?.stop();
	});

	/** A contact of its own for each story, and their conversation. */
	async function client(name: string): Promise<{ contact: string; conversation: string }> {
		const contact = await addContact(api, name, `client${++count}@example.test`);
		return { contact, conversation: contact.replace(/^ct_/, 'cv_') };
	}
	async function opened(contact: string, options = phone): Promise<Client> {
		const one = await openClient(browser, options);
		await signIn(one.page, await magicLink(api, contact, '/chat'));
		await one.page.getByRole('textbox', { name: 'Message', exact: true }).waitFor();
		return one;
	}
	const open = (contact: string) => api.post('/api/staff/chat/conversations', { kind: 'direct', contact_ids: [contact] });
	let said = 0;
	const say = (conversation: string, text: string, more: object = {}) => api.post<Said>(`/api/staff/chat/conversations/${conversation}/messages`, { client_msg_id: `e2e-${++said}`, text, ...more });
	const messages = async (conversation: string) => (await api.get<{ items: Said[] }>(`/api/staff/chat/conversations/${conversation}/messages?limit=200`)).items;
	const bubble = (page: Page, text: string) => page.locator('.line').filter({ has: page.locator('.bubble').getByText(text, { exact: true }) });
	async function write(page: Page, text: string): Promise<void> {
		const field = page.getByRole('textbox', { name: 'Message', exact: true });
		await field.fill(text);
		await page.getByRole('button', { name: 'Send' }).click();
	}

	it('begins with what it is and one thing to do', async () => {
		const { contact, conversation } = await client('Ana Petrović');
		for (const [name, options] of Object.entries({ phone, beside, desk })) {
			for (const colorScheme of ['light', 'dark'] as const) {
				const one = await opened(contact, { ...options, colorScheme });
				await one.page.getByRole('heading', { name: 'Write to Hanna’s Garden' }).waitFor();
				await accessible(one.page, `empty chat, ${name}`);
				await fits(one.page, `empty chat, ${name}`);
				await shot(one.page, `chat-empty-${name}-${colorScheme}`);
				assert.deepEqual(one.faults, []);
				await one.close();
			}
		}
		const one = await opened(contact);
		await one.page.getByRole('button', { name: 'Write a message' }).click();
		await one.page.keyboard.type('Do you have ferns?');
		await one.page.getByRole('button', { name: 'Send' }).click();
		await bubble(one.page, 'Do you have ferns?').getByText('Delivered').waitFor();
		assert.deepEqual((await messages(conversation)).map(({ text }) => text), ['Do you have ferns?']);
		await one.close();
	});

	it('looks right full of messages, on every screen, in both schemes', async () => {
		const { contact, conversation } = await client('Jonas Weber');
		await open(contact);
		const one = await opened(contact, { ...phone, colorScheme: 'light' });
		await say(conversation, 'Good morning Jonas, thank you for your visit yesterday.');
		await say(conversation, 'The two **Japanese maples** can be planted next week.\n\n- Tuesday, 9:00\n- Thursday, 14:00\n\nMore about them: https://example.com/maples');
		await write(one.page, 'Thursday is perfect 🙂');
		await bubble(one.page, 'Thursday is perfect 🙂').getByText('Delivered').waitFor();
		await write(one.page, 'Could you bring some of that bark mulch as well? About six bags, if that is not too much to carry around the house.');
		const all = await until('both messages', async () => ((await messages(conversation)).length === 4 ? messages(conversation) : undefined));
		await say(conversation, 'Six bags are no problem.', { reply_to: all[3]!.id });
		await api.put(`/api/staff/chat/conversations/${conversation}/messages/${all[2]!.id}/reaction`, { emoji: '👍' });
		await api.post(`/api/staff/chat/conversations/${conversation}/marks`, { read: 4 });
		await bubble(one.page, 'Six bags are no problem.').waitFor();
		await one.page.getByText('Read', { exact: true }).last().waitFor();
		await one.page.getByRole('button', { name: '👍, Hanna’s Garden' }).waitFor();
		await one.close();
		for (const [name, options] of Object.entries({ phone, beside, desk, small: { ...phone, viewport: { width: 360, height: 640 } } })) {
			for (const colorScheme of ['light', 'dark'] as const) {
				const two = await opened(contact, { ...options, colorScheme });
				await bubble(two.page, 'Six bags are no problem.').waitFor();
				await accessible(two.page, `chat, ${name}, ${colorScheme}`);
				await fits(two.page, `chat, ${name}`);
				await shot(two.page, `chat-${name}-${colorScheme}`);
				assert.deepEqual(two.faults, []);
				await two.close();
			}
		}
		const right = await opened(contact, desk);
		await right.page.evaluate(() => document.documentElement.setAttribute('dir', 'rtl'));
		await fits(right.page, 'chat from the right');
		await shot(right.page, 'chat-rtl');
		const [theirs, own] = await Promise.all([bubble(right.page, 'Six bags are no problem.').locator('.bubble').boundingBox(), bubble(right.page, 'Thursday is perfect 🙂').locator('.bubble').boundingBox()]);
		assert.ok(own!.x < theirs!.x, 'one’s own stand at the left');
		await right.close();
		const german = await openClient(browser, { ...phone, locale: 'de-DE' });
		await signIn(german.page, await magicLink(api, contact, '/chat'));
		await german.page.getByRole('textbox', { name: 'Nachricht', exact: true }).waitFor();
		await bubble(german.page, 'Six bags are no problem.').waitFor();
		await shot(german.page, 'chat-de');
		await german.close();
	});

	it('is the same on two devices at once', async () => {
		const { contact, conversation } = await client('Mia Chen');
		const [one, two] = await Promise.all([opened(contact), opened(contact, desk)]);
		await write(one.page, 'From the phone');
		await bubble(two.page, 'From the phone').waitFor();
		await two.page.getByRole('textbox', { name: 'Message', exact: true }).fill('From the desk');
		await two.page.keyboard.press('Enter');
		await bubble(one.page, 'From the desk').waitFor();
		await say(conversation, 'Hello to both');
		for (const { page } of [one, two]) {
			await bubble(page, 'Hello to both').waitFor();
			assert.deepEqual(await page.locator('.bubble .said').allInnerTexts(), ['From the phone', 'From the desk', 'Hello to both']);
			await page.getByRole('status').filter({ hasText: 'Hello to both' }).waitFor();
		}
		assert.deepEqual([...one.faults, ...two.faults], []);
		await Promise.all([one.close(), two.close()]);
	});
});
