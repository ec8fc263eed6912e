// Chat as clients have it: on a phone, beside a keyboard, on a desk, on two
// devices at once, without a connection, and read by others than eyes.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { magicLink, staffApi, type StaffApi } from './factories/api';
import { bubble, chatOf, write } from './factories/talk';
import { accessible, fits, openClient, phone, shot, signIn } from './factories/page';
import { startBrowser, startPortico, type Portico } from './factories/portico';
import { until } from './factories/until';

const beside = { ...phone, viewport: { width: 390, height: 400 } };
const desk = { viewport: { width: 1280, height: 800 } };

describe('chat for clients', () => {
	let portico: Portico;
	let browser: Browser;
	let api: StaffApi;
	let chat: ReturnType<typeof chatOf>;

	before(async () => {
		[portico, browser] = await Promise.all([startPortico(), startBrowser()]);
		api = await staffApi(portico);
		chat = chatOf(portico, browser, api);
		await api.put('/api/staff/branding', { name: 'Hanna’s Garden', description: 'Plants and places to sit', accent: '#8a3ffc', accent_2: '#0f766e', support_email: 'help@garden.test', copyright: '© 2026 Hanna’s Garden' });
	});
	after(async () => {
		await browser?.close();
		await portico?.stop();
	});

	it('begins with what it is and one thing to do', async () => {
		const { contact, conversation } = await chat.client('Ana Petrović');
		for (const [name, options] of Object.entries({ phone, beside, desk })) {
			for (const colorScheme of ['light', 'dark'] as const) {
				const one = await chat.opened(contact, { ...options, colorScheme });
				await one.page.getByRole('heading', { name: 'Write to Hanna’s Garden' }).waitFor();
				await accessible(one.page, `empty chat, ${name}`);
				await fits(one.page, `empty chat, ${name}`);
				await shot(one.page, `chat-empty-${name}-${colorScheme}`);
				assert.deepEqual(one.faults, []);
				await one.close();
			}
		}
		const one = await chat.opened(contact);
		await one.page.getByRole('button', { name: 'Write a message' }).click();
		await one.page.keyboard.type('Do you have ferns?');
		await one.page.getByRole('button', { name: 'Send' }).click();
		await bubble(one.page, 'Do you have ferns?').getByText('Delivered').waitFor();
		assert.deepEqual((await chat.messages(conversation)).map(({ text }) => text), ['Do you have ferns?']);
		await one.close();
	});

	it('looks right full of messages, on every screen, in both schemes', async () => {
		const { contact, conversation } = await chat.client('Jonas Weber');
		const one = await chat.opened(contact, { ...phone, colorScheme: 'light' });
		await chat.say(conversation, 'Good morning Jonas, thank you for your visit yesterday.');
		await chat.say(conversation, 'The two **Japanese maples** can be planted next week.\n\n- Tuesday, 9:00\n- Thursday, 14:00\n\nMore about them: https://example.com/maples');
		await write(one.page, 'Thursday is perfect 🙂');
		await bubble(one.page, 'Thursday is perfect 🙂').getByText('Delivered').waitFor();
		await write(one.page, 'Could you bring some of that bark mulch as well? About six bags, if that is not too much to carry around the house.');
		const all = await until('both messages', async () => ((await chat.messages(conversation)).length === 4 ? chat.messages(conversation) : undefined));
		await chat.say(conversation, 'Six bags are no problem.', { reply_to: all[3]!.id });
		await api.put(`/api/staff/chat/conversations/${conversation}/messages/${all[2]!.id}/reaction`, { emoji: '👍' });
		await api.post(`/api/staff/chat/conversations/${conversation}/marks`, { read: 4 });
		await bubble(one.page, 'Six bags are no problem.').waitFor();
		await one.page.getByText('Read', { exact: true }).last().waitFor();
		await one.page.getByRole('button', { name: '👍, Hanna’s Garden' }).waitFor();
		await one.close();
		for (const [name, options] of Object.entries({ phone, beside, desk, small: { ...phone, viewport: { width: 360, height: 640 } } })) {
			for (const colorScheme of ['light', 'dark'] as const) {
				const two = await chat.opened(contact, { ...options, colorScheme });
				await bubble(two.page, 'Six bags are no problem.').waitFor();
				await accessible(two.page, `chat, ${name}, ${colorScheme}`);
				await fits(two.page, `chat, ${name}`);
				await shot(two.page, `chat-${name}-${colorScheme}`);
				assert.deepEqual(two.faults, []);
				await two.close();
			}
		}
		const right = await chat.opened(contact, desk);
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
		const { contact, conversation } = await chat.client('Mia Chen');
		const [one, two] = await Promise.all([chat.opened(contact), chat.opened(contact, desk)]);
		await write(one.page, 'From the phone');
		await bubble(two.page, 'From the phone').waitFor();
		await two.page.getByRole('textbox', { name: 'Message', exact: true }).fill('From the desk');
		await two.page.keyboard.press('Enter');
		await bubble(one.page, 'From the desk').waitFor();
		await chat.say(conversation, 'Hello to both');
		for (const { page } of [one, two]) {
			await bubble(page, 'Hello to both').waitFor();
			assert.deepEqual(await page.locator('.bubble .said').allInnerTexts(), ['From the phone', 'From the desk', 'Hello to both']);
			await page.getByRole('status').filter({ hasText: 'Hello to both' }).waitFor();
		}
		assert.deepEqual([...one.faults, ...two.faults], []);
		await Promise.all([one.close(), two.close()]);
	});

	it('shows a message at once, and says honestly what is not sent', async () => {
		const { contact, conversation } = await chat.client('Ben Okafor');
		const one = await chat.opened(contact);
		const { page, context } = one;
		await write(page, 'While connected');
		await bubble(page, 'While connected').getByText('Delivered').waitFor();
		let hold = true;
		await page.route('**/messages', async (route) => {
			if (route.request().method() === 'POST') await until('the test to look', () => !hold);
			await route.continue();
		});
		await write(page, 'At once');
		await bubble(page, 'At once').getByText('Sending…').waitFor({ state: 'attached' });
		hold = false;
		await bubble(page, 'At once').getByText('Delivered').waitFor();
		await page.unroute('**/messages');

		await context.setOffline(true);
		await write(page, 'First without a connection');
		await write(page, 'Second without a connection');
		await bubble(page, 'Second without a connection').getByText('Not sent yet. It goes out as soon as you are online.').waitFor();
		await accessible(page, 'chat without a connection');
		await shot(page, 'chat-offline');
		assert.equal((await chat.messages(conversation)).length, 2);
		await context.setOffline(false);
		await bubble(page, 'Second without a connection').getByText('Delivered').waitFor();
		assert.deepEqual((await chat.messages(conversation)).map(({ text }) => text), ['While connected', 'At once', 'First without a connection', 'Second without a connection']);
		await one.close();
	});

	it('opens without a connection, and sends after the app was closed', async () => {
		const { contact, conversation } = await chat.client('Lea Brandt');
		await chat.say(conversation, 'Kept for later');
		const one = await chat.opened(contact);
		const { page, context } = one;
		await bubble(page, 'Kept for later').waitFor();
		await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
		await page.reload();
		await bubble(page, 'Kept for later').waitFor();
		// The worker keeps what the scripts load later, and the page its messages, a moment after.
		await until('the scripts and messages are kept', () =>
			page.evaluate(async () => {
				const names = (await (await caches.open('shell-1')).keys()).map(({ url }) => url);
				const kept = await new Promise<number>((done) => {
					const request = indexedDB.open('chat-kept', 1);
					request.onsuccess = () => {
						const count = request.result.transaction('all').objectStore('all').count();
						count.onsuccess = () => (request.result.close(), done(count.result));
					};
				});
				return names.some((url) => url.includes('/door-')) && kept >= 2;
			}),
		);
		await context.setOffline(true);
		await page.reload();
		await bubble(page, 'Kept for later').waitFor();
		await write(page, 'Written in a tunnel');
		await bubble(page, 'Written in a tunnel').getByText('Not sent yet').waitFor();
		await page.reload();
		await bubble(page, 'Written in a tunnel').getByText('Not sent yet').waitFor();
		await shot(page, 'chat-offline-opened');
		await context.setOffline(false);
		// Another page of the portal: it is sent all the same.
		await page.goto(`${portico.portal}/profile`);
		await until('the message', async () => (await chat.messages(conversation)).find(({ text }) => text === 'Written in a tunnel'));
		await page.goto(`${portico.portal}/chat`);
		await bubble(page, 'Written in a tunnel').getByText('Delivered').waitFor();
		assert.equal((await chat.messages(conversation)).length, 2, 'once');

		await page.goto(`${portico.portal}/profile`);
		await page.getByRole('button', { name: 'Sign out' }).click();
		await page.waitForURL(/login\?notice=signed_out/);
		await until('nothing stays behind', () => page.evaluate(async () => (await indexedDB.databases()).length === 0));
		await one.close();
	});

	it('lets a client answer, react, change and take back, with fingers and with keys', async () => {
		const { contact, conversation } = await chat.client('Noa Lindqvist');
		const theirs = await chat.say(conversation, 'Shall we come on Monday?');
		const one = await chat.opened(contact, desk);
		const { page } = one;
		const line = page.locator(`[data-seq="${theirs.seq}"]`);
		await line.click({ button: 'right' });
		await page.getByRole('dialog', { name: 'Options for this message' }).waitFor();
		await accessible(page, 'the options of a message');
		await shot(page, 'chat-options-desk');
		await page.getByRole('button', { name: 'Reply' }).click();
		await page.keyboard.type('Tuesday is better');
		await shot(page, 'chat-replying');
		await page.keyboard.press('Enter');
		await bubble(page, 'Tuesday is better').getByText('Delivered').waitFor();
		assert.equal((await chat.messages(conversation)).at(-1)?.reply_to?.seq, theirs.seq);
		await page.getByRole('button', { name: 'Go to the message by e2e: Shall we come on Monday?' }).click();
		assert.equal(await line.evaluate((node) => node === document.activeElement), true, 'the quoted message has the focus');

		await page.keyboard.press('Enter');
		await page.getByRole('button', { name: 'React with 👍' }).click();
		await page.getByRole('button', { name: '👍, You' }).waitFor();
		await until('the reaction', async () => (await chat.messages(conversation))[0]?.reactions[0]?.by.includes(contact));
		await page.getByRole('button', { name: '👍, You' }).click();
		await until('no reaction', async () => (await chat.messages(conversation))[0]?.reactions.length === 0);

		await page.getByRole('textbox', { name: 'Message', exact: true }).focus();
		await page.keyboard.press('ArrowUp');
		await page.getByText('Editing your message').waitFor();
		await page.getByRole('textbox', { name: 'Message', exact: true }).fill('Wednesday is better');
		await page.keyboard.press('Enter');
		await bubble(page, 'Wednesday is better').getByText('edited').waitFor();
		await until('the change', async () => (await chat.messages(conversation)).at(-1)?.text === 'Wednesday is better');

		await bubble(page, 'Wednesday is better').click({ button: 'right' });
		await page.getByRole('button', { name: 'Delete' }).click();
		await page.getByRole('button', { name: 'Delete the message' }).click();
		await page.getByText('You deleted this message').waitFor();
		await until('it is gone', async () => (await chat.messages(conversation)).at(-1)?.deleted_at);
		await accessible(page, 'a deleted message');
		await shot(page, 'chat-deleted');
		assert.deepEqual(one.faults, []);
		await one.close();

		const hand = await chat.opened(contact);
		const box = (await hand.page.locator(`[data-seq="${theirs.seq}"] .bubble`).boundingBox())!;
		const touch = await hand.context.newCDPSession(hand.page);
		const at = { x: box.x + 30, y: box.y + 15 };
		await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [at] });
		await hand.page.getByRole('dialog', { name: 'Options for this message' }).waitFor();
		await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
		await accessible(hand.page, 'the options on a phone');
		await shot(hand.page, 'chat-options-phone');
		await hand.page.keyboard.press('Escape');
		await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [at] });
		for (const x of [20, 50, 90, 120]) await touch.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: [{ x: at.x + x, y: at.y }] });
		await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
		await hand.page.getByText('Replying to e2e').waitFor();
		await hand.close();
	});

	it('says when one may expect an answer, and mails as the client likes', async () => {
		const { contact, conversation } = await chat.client('Eva Lund');
		await chat.say(conversation, 'Hello Eva');
		const settings = { away_message: 'We are in the gardens and read this tonight.', answer_time: 'We usually answer within a day', time_zone: 'Europe/Berlin', follow_up_minutes: 5, quiet_from: '', quiet_to: '' };
		await api.put('/api/staff/chat/settings', { ...settings, hours: [] });
		const one = await chat.opened(contact);
		const { page } = one;
		await page.getByText('We usually answer within a day').waitFor();
		// Open for one minute a week, six days from now: it is closed.
		await api.put('/api/staff/chat/settings', { ...settings, hours: [{ day: (new Date().getDay() + 6) % 7 || 7, from: '04:00', to: '04:01' }] });
		await page.reload();
		await page.getByText('We are in the gardens and read this tonight.').waitFor();
		await page.getByText(/^Back \w{3},? /).waitFor();
		await accessible(page, 'chat while nobody is there');
		await shot(page, 'chat-away');
		await page.goto(`${portico.portal}/profile`);
		await page.getByLabel('When I have not read a message').selectOption('daily');
		await page.getByText('Saved', { exact: true }).waitFor();
		await page.getByLabel('No mail in quiet hours').check();
		await page.getByLabel('From', { exact: true }).fill('22:00');
		await page.getByLabel('From', { exact: true }).blur();
		await page.getByRole('heading', { name: 'Messages by mail' }).scrollIntoViewIfNeeded();
		await accessible(page, 'preferences for mail');
		await shot(page, 'chat-preferences');
		await page.reload();
		assert.equal(await page.getByLabel('From', { exact: true }).inputValue(), '22:00');
		assert.equal(await page.getByLabel('When I have not read a message').inputValue(), 'daily');
		assert.deepEqual(one.faults, []);
		await one.close();
	});

	it('shows groups and announcements beside the conversation, and what is new in each', async () => {
		const { contact, conversation } = await chat.client('Sam Rivera');
		const { contact: other } = await chat.client('Kim Novak');
		await chat.say(conversation, 'Just for you');
		const group = await api.post<{ id: string }>('/api/staff/chat/conversations', { kind: 'group', title: 'Balcony friends', contact_ids: [contact, other] });
		await chat.say(group.id, 'Welcome, both of you');
		const news = await api.post<{ id: string }>('/api/staff/chat/conversations', { kind: 'broadcast', title: 'Spring opening', contact_ids: [contact, other] });
		await chat.say(news.id, 'We open on **1 March** at nine.');
		const one = await openClient(browser, { ...phone, colorScheme: 'light' });
		const { page } = one;
		await signIn(page, await magicLink(api, contact, '/'));
		await page.getByRole('link', { name: 'Chat 3 unread messages' }).waitFor();
		await page.waitForFunction(() => document.title.startsWith('(3) '));
		await shot(page, 'chat-badge');
		await page.getByRole('link', { name: 'Chat 3 unread messages' }).click();
		await page.getByRole('heading', { name: 'Conversations' }).waitFor();
		await accessible(page, 'the list of conversations');
		await shot(page, 'chat-list-phone');
		await page.getByRole('link', { name: /Spring opening/ }).click();
		await page.getByRole('log').getByText('We open on 1 March at nine.').waitFor();
		assert.equal(await page.getByRole('textbox').count(), 0, 'nobody answers an announcement there');
		await accessible(page, 'an announcement');
		await shot(page, 'chat-announcement');
		await page.getByRole('link', { name: 'Answer in your conversation with us' }).click();
		await bubble(page, 'Just for you').waitFor();
		await page.getByRole('link', { name: 'All conversations' }).click();
		await page.getByRole('link', { name: /Balcony friends/ }).click();
		await page.getByText('You and 1 other').waitFor();
		const friend = await chat.opened(other, desk);
		await friend.page.goto(`${portico.portal}/chat/${group.id}`);
		await write(friend.page, 'Hello Sam');
		await page.getByText('Kim Novak', { exact: true }).first().waitFor();
		await page.getByText('Hello Sam', { exact: true }).last().waitFor();
		await accessible(friend.page, 'a group');
		await shot(friend.page, 'chat-group-desk');
		await friend.close();
		await page.goto(`${portico.portal}/`);
		await page.waitForFunction(() => !document.title.startsWith('('));
		assert.deepEqual(one.faults, []);
		await one.close();
	});

	it('keeps its place while older messages are read, and finds the newest again', async () => {
		const { contact, conversation } = await chat.client('Max Long');
		for (let n = 1; n <= 130; n += 1) await chat.say(conversation, `Message number ${n}`);
		await api.post(`/api/staff/chat/conversations/${conversation}/marks`, { read: 130 });
		const one = await chat.opened(contact);
		const { page } = one;
		const log = page.getByRole('log');
		await page.getByText('New', { exact: true }).waitFor({ state: 'attached' });
		await log.evaluate((node) => node.scrollTo(0, node.scrollHeight));
		await bubble(page, 'Message number 130').waitFor();
		await page.getByRole('button', { name: 'Go to the newest message' }).waitFor({ state: 'detached' });
		await log.evaluate((node) => node.scrollTo(0, 400));
		const mark = page.locator('[data-seq="85"]');
		const where = () => mark.evaluate((node) => node.getBoundingClientRect().top);
		const before = await where();
		await page.locator('[data-seq="40"]').waitFor({ state: 'attached' });
		assert.ok(Math.abs((await where()) - before) < 3, `moved by ${(await where()) - before} px`);
		await page.getByRole('button', { name: 'Go to the newest message' }).waitFor();
		await chat.say(conversation, 'And one more');
		await page.getByRole('button', { name: '1 new message' }).waitFor();
		await accessible(page, 'a long conversation');
		await shot(page, 'chat-jump');
		await page.getByRole('button', { name: '1 new message' }).click();
		await page.getByRole('button', { name: '1 new message' }).waitFor({ state: 'detached' });
		await bubble(page, 'And one more').waitFor();
		await until('it is read', async () => (await api.get<{ marks: { who: string; read: number }[] }>(`/api/staff/chat/conversations/${conversation}`)).marks.find(({ who, read }) => who === contact && read === 131));
		await page.setViewportSize({ width: 390, height: 400 });
		const field = await page.getByRole('textbox', { name: 'Message', exact: true }).boundingBox();
		assert.ok(field && field.y + field.height <= 400, 'the field stands above the keyboard');
		assert.ok((await log.boundingBox())!.height > 200, 'and most of what is left shows messages');
		await bubble(page, 'And one more').waitFor();
		await one.close();
	});
});
