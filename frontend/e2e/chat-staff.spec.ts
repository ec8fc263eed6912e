// The staff's side of chat, with a client's browser beside it.
import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { addContact, magicLink, staffApi, type StaffApi } from './factories/api';
import { conversationOf, talker, type Talker } from './factories/chat';
import { journey } from './factories/journey';
import { accessible, fits, openClient, phone, shot, signIn, type Client } from './factories/page';
import { until } from './factories/until';
import { startBrowser, startPortico, staffPage, type Portico } from './factories/portico';

const canary = 'canary-5b1f: pays late, ask for half in advance';

describe('chat for staff', () => {
	let portico: Portico;
	let browser: Browser;
	let api: StaffApi;
	let page: Page;
	let faults: string[];
	let client: Client;
	let ana: Talker;
	let heard: () => Promise<string>;
	let anaID: string;
	let talk: string;
	const step = journey(() => [page, client?.page]);

	before(async () => {
		[portico, browser] = await Promise.all([startPortico(), startBrowser()]);
		api = await staffApi(portico);
		await api.put('/api/staff/branding', { name: 'Hanna’s Garden', description: 'Plants and places to sit', accent: '#0f766e', accent_2: '#8a3ffc', support_email: 'help@garden.test', copyright: '© 2026' });
		anaID = await addContact(api, 'Ana Petrović', 'ana@example.test', ['vip']);
		talk = conversationOf(anaID);
		await addContact(api, 'Jonas Weber', 'jonas@example.test', ['vip']);
		await addContact(api, 'Mia Chen', 'mia@example.test');
		({ page, faults } = await staffPage(browser, portico));
		client = await openClient(browser, { ...phone, serviceWorkers: 'block' });
		await signIn(client.page, await magicLink(api, anaID));
		// The app of the portal would say by itself that messages are there; here each step says it.
		await client.page.route('**/*.js', (route) => route.abort());
		await client.page.goto(portico.portal);
		ana = talker(client.page);
	});
	after(async () => {
		await browser?.close();
		await portico?.stop();
	});

	const row = (name: string) => page.getByRole('option', { name });
	const log = () => page.getByRole('region', { name: 'Messages and notes' });
	const write = () => page.getByRole('textbox', { name: 'Your message' });
	const waiting = () => page.getByRole('navigation', { name: 'Main menu' }).getByRole('link', { name: /^Chat/ });

	step('is empty at first and says what to do', async () => {
		await page.goto(`${portico.staff}/chat`);
		await page.getByText('Nobody waits for you').waitFor();
		await shot(page, 'chat-staff-empty-1280-light');
	});

	step('begins a conversation, and says that nothing is delivered while no device has it', async () => {
		await page.keyboard.press('m');
		await page.getByRole('combobox', { name: 'Whom do you want to write to?' }).fill('petro');
		await page.getByRole('option', { name: /Ana Petrović/ }).click();
		await page.waitForURL(`**/chat/${talk}`);
		await page.keyboard.press('r');
		await write().fill('Good morning Ana');
		await page.keyboard.press('Enter');
		await log().getByText('Good morning Ana').waitFor();
		await log().getByText('Saved, not delivered yet').waitFor();
		assert.equal(await write().inputValue(), '');
	});

	step('shows at once what the client’s devices do: delivered, read, here, writing', async () => {
		heard = await ana.arrive();
		await page.getByText('Here now').first().waitFor();
		await ana.mark(talk, { delivered: 1 });
		await log().getByText('Delivered', { exact: true }).waitFor();
		await ana.mark(talk, { read: 1 });
		await log().getByText('Read', { exact: true }).waitFor();
		await ana.type(talk);
		await log().getByText('Ana Petrović is writing…').waitFor();
	});

	step('receives, announces, counts and marks as read', async () => {
		await page.goto(`${portico.staff}/contacts`);
		await page.getByRole('heading', { name: 'Contacts' }).waitFor();
		await ana.say(talk, 'Hello, do you have **roses**?');
		await waiting().getByText('1', { exact: true }).waitFor();
		await page.getByRole('region', { name: 'Messages', exact: true }).getByText('Ana Petrović: Hello').waitFor();
		await page.getByRole('button', { name: 'Open', exact: true }).click();
		await log().locator('strong', { hasText: 'roses' }).waitFor();
		await ana.say(talk, 'Red ones');
		await log().getByText('Red ones').waitFor();
		assert.equal(await page.locator('[aria-live=polite]', { hasText: 'Ana Petrović: Red ones' }).count(), 1);
		await row('Ana Petrović').waitFor();
		await until('it is read', async () => (await row('Ana Petrović').getByText('unread').count()) === 0);
	});

	step('keeps an internal note away from the client, and asks before it is pasted into a message', async () => {
		await page.keyboard.press('n');
		const note = page.getByRole('textbox', { name: 'Your internal note' });
		await note.fill(canary);
		await page.keyboard.press('Enter');
		await log().getByText(canary).waitFor();
		await log().getByText('Internal note – the client never sees this').waitFor();
		await page.getByRole('button', { name: 'Message', exact: true }).click();
		await write().evaluate((field, text) => {
			const data = new DataTransfer();
			data.setData('text/plain', text);
			field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
		}, canary);
		await page.getByRole('dialog', { name: 'Paste an internal note into a message' }).waitFor();
		await page.getByRole('button', { name: 'Leave it out' }).click();
		assert.equal(await write().inputValue(), '');
		assert.doesNotMatch((await ana.everything(talk)) + (await heard()), /canary-5b1f/);
	});

	step('answers with a quote, reacts, edits and deletes with a trace', async () => {
		const red = page.locator('article', { hasText: 'Red ones' }).first();
		await red.hover();
		await red.getByRole('button', { name: 'Reply' }).click();
		await write().fill('Yes, twelve of tem');
		await page.keyboard.press('Enter');
		const answer = page.locator('article', { hasText: 'twelve' });
		await answer.getByRole('button', { name: 'Ana Petrović Red ones' }).waitFor();
		await answer.getByText('Saved, not delivered yet').waitFor();
		await write().press('ArrowUp');
		assert.equal(await write().inputValue(), 'Yes, twelve of tem');
		await write().fill('Yes, twelve of them');
		await page.keyboard.press('Enter');
		await answer.getByRole('button', { name: 'edited' }).click();
		await page.getByRole('dialog', { name: 'What it said before' }).getByText('Yes, twelve of tem', { exact: true }).waitFor();
		await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
		await red.hover();
		await red.getByRole('button', { name: 'React' }).click();
		await page.getByRole('button', { name: '👍' }).click();
		await red.getByRole('button', { name: '👍 by You' }).waitFor();
		await write().fill('A slip');
		await page.keyboard.press('Enter');
		const slip = page.locator('article', { hasText: 'A slip' });
		await slip.hover();
		await slip.getByRole('button', { name: 'More about this message' }).click();
		await page.getByRole('menuitem', { name: 'Delete' }).click();
		await log().getByText('Message deleted').waitFor();
		await shot(page, 'chat-staff-conversation-1280-light');
	});

	step('keeps what was written and not sent', async () => {
		await write().fill('Half a thought');
		await page.goto(`${portico.staff}/contacts`);
		await page.goto(`${portico.staff}/chat/${talk}`);
		await write().waitFor();
		assert.equal(await write().inputValue(), 'Half a thought');
		await write().fill('');
		await write().press('Escape');
	});

	step('is done, snoozed and taken back with keys alone', async () => {
		await ana.say(talk, 'And white ones?');
		await log().getByText('And white ones?').waitFor();
		await page.getByRole('button', { name: /^Waiting/ }).click();
		await row('Ana Petrović').waitFor();
		await page.keyboard.press('e');
		await page.getByText('Nobody waits for you').waitFor();
		await page.keyboard.press('Control+z');
		await row('Ana Petrović').waitFor();
		await row('Ana Petrović').click();
		await log().getByText('And white ones?').waitFor();
		await page.keyboard.press('h');
		await page.getByRole('button', { name: /^Tomorrow/ }).waitFor();
		await shot(page, 'chat-staff-snooze-1280-light');
		await page.keyboard.press('Enter');
		await page.getByText('Ana Petrović: put off until').waitFor();
		await page.getByRole('button', { name: 'Snoozed' }).click();
		await row('Ana Petrović').waitFor();
		await ana.say(talk, 'Never mind');
		await row('Ana Petrović').waitFor({ state: 'detached' });
		await page.getByRole('button', { name: /^Waiting/ }).click();
		await row('Ana Petrović').waitFor();
	});

	step('writes to many, and says to how many before it is sent', async () => {
		await page.goto(`${portico.staff}/contacts`);
		await page.getByRole('grid').focus();
		await page.keyboard.press('Control+a');
		await page.getByText('3 selected').first().waitFor();
		await page.getByRole('toolbar').getByRole('button', { name: 'Message' }).click();
		await page.getByRole('menuitem', { name: 'New broadcast' }).click();
		const dialog = page.getByRole('dialog', { name: 'New conversation' });
		await dialog.getByRole('textbox', { name: 'Title' }).fill('Summer hours');
		await dialog.getByText('What you write goes to 3 clients.').waitFor();
		await dialog.getByRole('combobox', { name: 'To everyone with a tag' }).selectOption('vip');
		await dialog.getByText('What you write goes to 2 clients.').waitFor();
		await shot(page, 'chat-staff-broadcast-1280-light');
		await dialog.getByRole('button', { name: 'Begin broadcast to 2 clients' }).click();
		await page.getByRole('button', { name: 'Write a message' }).click();
		await write().fill('We close at noon on Fridays.');
		await page.getByRole('button', { name: 'Send to 2 clients' }).click();
		await log().getByText('Saved, not delivered yet').waitFor();
		const broadcast = page.url().split('/').at(-1)!;
		await ana.mark(broadcast, { read: 1 });
		await log().getByText('Read by 1 of 2').waitFor();
	});

	step('loses nothing while Portico cannot be reached', async () => {
		await page.goto(`${portico.staff}/chat/${talk}`);
		await log().getByText('Never mind').waitFor();
		await page.context().setOffline(true);
		await page.keyboard.press('r');
		await write().fill('Written without a connection');
		await page.keyboard.press('Enter');
		await log().getByText('Waits for the connection').waitFor();
		await ana.say(talk, 'Are you there?');
		await page.context().setOffline(false);
		await log().getByText('Are you there?').waitFor();
		await log().getByText('Waits for the connection').waitFor({ state: 'detached' });
		assert.equal(await log().getByText('Written without a connection').count(), 1);
		faults.length = 0; // a browser without a connection complains about that
	});

	step('sends files, shows them, and lists them with the contact', async () => {
		const pixel = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==', 'base64');
		await page.locator('input[type=file][multiple]').setInputFiles([{ name: 'plan.txt', mimeType: 'text/plain', buffer: Buffer.from('beds and paths\n'.repeat(90_000)) }, { name: 'rose.png', mimeType: 'image/png', buffer: pixel }]);
		await page.getByRole('list', { name: 'Files' }).getByText('rose.png').waitFor();
		await write().fill('The plan');
		await page.locator('.send:not(:disabled)').waitFor();
		await page.keyboard.press('Enter');
		const sent = page.locator('article', { hasText: 'The plan' });
		await sent.locator('img').waitFor();
		const download = page.waitForEvent('download');
		await sent.getByRole('button', { name: /^Save plan\.txt/ }).click();
		assert.equal((await download).suggestedFilename(), 'plan.txt');
		await page.getByRole('complementary').getByRole('button', { name: /^Save plan\.txt/ }).waitFor();
	});

	step('takes canned replies with what is known of the client', async () => {
		await page.goto(`${portico.staff}/chat/settings`);
		await page.getByRole('button', { name: 'New canned reply' }).click();
		const dialog = page.getByRole('dialog', { name: 'New canned reply' });
		await dialog.getByRole('textbox', { name: 'Title' }).fill('Thanks');
		await dialog.getByRole('textbox', { name: 'Text' }).fill('Thank you, {{contact.first_name}}!');
		await dialog.getByRole('button', { name: 'Save' }).click();
		await page.getByText('Thank you, {{contact.first_name}}!').waitFor();
		await page.getByRole('button', { name: 'Monday to Friday, 9 to 5' }).click();
		await page.getByRole('textbox', { name: 'What clients read while nobody is there' }).fill('We are in the garden.');
		await page.getByRole('button', { name: 'Save', exact: true }).click();
		await page.getByText('Chat settings saved').waitFor();
		await shot(page, 'chat-staff-settings-1280-light');
		await accessible(page, 'chat settings');
		await page.goto(`${portico.staff}/chat/${talk}`);
		await write().fill('/tha');
		await page.getByRole('option', { name: /^Thanks/ }).waitFor();
		await page.keyboard.press('Enter');
		await until('the reply', async () => (await write().inputValue()) === 'Thank you, Ana!');
	});

	step('sends later, and takes it back', async () => {
		await page.getByRole('button', { name: 'Send later' }).click();
		await page.getByRole('button', { name: /^Tomorrow at 9:00/ }).click();
		const list = page.getByRole('list', { name: 'Messages that wait to be sent' });
		await list.getByText('Thank you, Ana!').waitFor();
		await shot(page, 'chat-staff-later-1280-light');
		await list.getByRole('button', { name: 'Take it back, it is not sent' }).click();
		await list.waitFor({ state: 'detached' });
	});

	step('finds what was said and noted, and goes there', async () => {
		await log().focus();
		await page.keyboard.press('/');
		await page.getByRole('searchbox', { name: 'Search messages and notes' }).fill('roses');
		await page.getByRole('link', { name: /do you have/ }).click();
		await page.locator('article:focus', { hasText: 'roses' }).waitFor();
		await page.getByRole('searchbox', { name: 'Search messages and notes' }).fill('canary');
		await page.getByRole('link', { name: /pays late/ }).waitFor();
		await shot(page, 'chat-staff-search-1280-light');
		await page.getByRole('searchbox', { name: 'Search messages and notes' }).press('Escape');
		await row('Ana Petrović').or(page.getByText('Nobody waits for you')).first().waitFor();
	});

	step('is saved as a page and as PDF', async () => {
		for (const [name, ending] of [['Save as a web page', '.html'], ['Save as PDF', '.pdf']] as const) {
			const download = page.waitForEvent('download');
			await page.getByRole('button', { name: 'What to do with this conversation' }).click();
			await page.getByRole('menuitem', { name }).click();
			const saved = await download;
			assert.equal(await saved.failure(), null);
			assert.ok(saved.suggestedFilename().endsWith(ending));
		}
	});

	step('is accessible, fits and reads well in both schemes and on a phone', async () => {
		const group = await api.post<{ id: string }>('/api/staff/chat/conversations', { kind: 'group', title: 'A very long name for a group of people who plan the garden of the town hall', contact_ids: [anaID] });
		for (const [colorScheme, width, locale] of [['light', 1280, 'en-GB'], ['dark', 1280, 'de-DE'], ['light', 390, 'de-DE'], ['dark', 390, 'en-GB']] as const) {
			const one = await staffPage(browser, portico, { colorScheme, locale, viewport: { width, height: width === 390 ? 844 : 800 } });
			for (const [name, path] of [['list', '/chat'], ['talk', `/chat/${talk}`], ['group', `/chat/${group.id}`]] as const) {
				await one.page.goto(portico.staff + path);
				await one.page.waitForLoadState('networkidle');
				if (name === 'list') {
					await one.page.getByRole('button', { name: locale === 'de-DE' ? 'Alle' : 'All', exact: true }).click();
					await one.page.getByRole('option', { name: 'Ana Petrović' }).waitFor();
				}
				await accessible(one.page, `${path} ${width} ${colorScheme}`);
				await fits(one.page, path);
				await shot(one.page, `chat-staff-${name}-${width}-${colorScheme}`);
				if (name === 'talk') {
					await one.page.keyboard.press('n');
					await one.page.locator('.area.note').waitFor();
					await accessible(one.page, `a note, ${width} ${colorScheme}`);
					await shot(one.page, `chat-staff-note-${width}-${colorScheme}`);
					await one.page.keyboard.press('Escape');
				}
			}
			assert.deepEqual(one.faults, []);
			await one.context.close();
		}
	});

	step('breaks no rule on the way', () => {
		assert.deepEqual(faults, []);
	});
});
