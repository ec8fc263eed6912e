// The main job, once through: a shop adds a contact, sets up mail, invites,
// and the client gets in with one tap on a phone. Real program, real mail
// server, two real browsers.
import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { startExim, type Exim } from './factories/exim';
import { expectRefusal } from './factories/faults';
import { journey } from './factories/journey';
import { codeIn, linkIn, type Letter } from './factories/mailbox';
import { accessible, fits, openClient, shot, type Client } from './factories/page';
import { startBrowser, startPortico, staffPage, type Portico } from './factories/portico';

const desktop = { viewport: { width: 1280, height: 800 } };

describe('a client gets in', () => {
	let exim: Exim;
	let portico: Portico;
	let browser: Browser;
	let staff: Page;
	let staffFaults: string[];
	let phone: Client;
	let laptop: Client;
	let invitation: Letter;
	let link: string;

	before(async () => {
		exim = await startExim();
		[portico, browser] = await Promise.all([startPortico({ SSL_CERT_FILE: exim.certificate }), startBrowser()]);
		({ page: staff, faults: staffFaults } = await staffPage(browser, portico));
		phone = await openClient(browser);
		laptop = await openClient(browser, desktop);
	});
	after(async () => {
		await browser?.close();
		await portico?.stop();
		await exim?.stop();
	});

	const dialog = () => staff.getByRole('dialog');
	/** The large number at the top, and the same word as a step of the funnel. */
	const figure = (name: string, value: number) => staff.locator('.numbers > button', { hasText: new RegExp(`^\\s*${value}\\s*${name}\\s*$`) });
	const it = journey(() => [staff, phone?.page, laptop?.page]);
	const step = (name: string, value: number) => staff.locator('figure').getByRole('button', { name: new RegExp(`${value}\\s*${name}`) });

	it('staff name the business and add a contact', async () => {
		await staff.goto(`${portico.staff}/portal/branding`);
		await staff.getByLabel('Name of your business').fill('Hanna’s Garden');
		await staff.getByLabel('Where clients can write to').fill('help@garden.test');
		await staff.getByRole('button', { name: 'Save', exact: true }).click();
		await staff.getByText('The branding is saved').waitFor();

		await staff.getByRole('link', { name: 'Contacts' }).first().click();
		await staff.getByRole('button', { name: 'New contact' }).first().click();
		await dialog().getByLabel('Name', { exact: true }).fill('Ana Petrović');
		await dialog().getByLabel('Email').fill('ana@example.test');
		await dialog().getByRole('button', { name: 'Create contact' }).click();
		await staff.getByText('Ana Petrović was added').waitFor();
		await shot(staff, 'journey-1-contact');
	});

	it('staff set up mail, and the test names every step', async () => {
		await staff.goto(`${portico.staff}/outbox/account`);
		await staff.getByLabel('Your mail provider').selectOption({ label: 'Another provider' });
		await staff.getByLabel('Outgoing mail server').fill(exim.host);
		await staff.getByLabel('Port').fill(String(exim.port));
		await staff.getByLabel('Encryption').selectOption('starttls');
		await staff.getByLabel('User name').fill(exim.username);
		await staff.getByLabel('Password', { exact: true }).fill('not the password');
		await staff.getByLabel('Sender name').fill('Hanna’s Garden');
		await staff.getByLabel('Sender address').fill('hanna@garden.test');
		await staff.getByLabel('Send it to').fill('hanna@garden.test');

		await staff.getByRole('button', { name: 'Send a test mail' }).click();
		await staff.getByText('It stopped at: Sign in').waitFor();
		await shot(staff, 'journey-2-mail-wrong-password');

		await staff.getByLabel('Password', { exact: true }).fill(exim.password);
		await staff.getByRole('button', { name: 'Send a test mail' }).click();
		await staff.getByText('It works. The mail server took the test mail.').waitFor();
		await accessible(staff, 'the mail account after a test');
		await shot(staff, 'journey-2-mail');
		assert.match((await exim.mailbox.next('hanna@garden.test')).headers.get('from') ?? '', /hanna@garden\.test/);

		await staff.getByRole('button', { name: 'Save', exact: true }).click();
		await staff.getByText('The mail account is saved').waitFor();
	});

	it('staff see the invitation before it goes', async () => {
		await staff.goto(`${portico.staff}/contacts`);
		await staff.getByRole('row', { name: /Ana Petrović/ }).click({ button: 'right' });
		await staff.getByRole('menuitem', { name: 'Invite to the portal' }).click();
		const mail = dialog().frameLocator('iframe');
		await mail.getByText('Hanna’s Garden').first().waitFor();
		await accessible(staff, 'the invitation dialog');
		await shot(staff, 'journey-3-invite');
		await dialog().getByRole('button', { name: 'Send 1 invitation' }).click();
		await staff.getByText('1 invitation is on its way').waitFor();
	});

	it('the mail has a plain twin with the link on a line of its own, and the same link in its button', async () => {
		invitation = await exim.mailbox.next('ana@example.test');
		link = linkIn(invitation);
		assert.match(invitation.headers.get('content-type') ?? '', /^multipart\/alternative/);
		assert.match(invitation.textEncoding, /^(7bit|base64)$/i, 'no line of the text is broken by its encoding');
		assert.ok(link.startsWith(`${portico.portal}/k/`), link);
		assert.match(link.slice(`${portico.portal}/k/`.length), /^[A-Za-z0-9_-]{65}$/);
		const hrefs = [...invitation.html.matchAll(/href="([^"]*\/k\/[^"]*)"/g)].map((match) => match[1]);
		assert.deepEqual([...new Set(hrefs)], [link]);
		assert.match(invitation.subject, /Hanna’s Garden/);
		assert.doesNotMatch(invitation.html, /<img[^>]+src="http/, 'nothing is fetched from elsewhere');
	});

	it('staff watch the numbers while the client opens the link on a phone and presses the one button', async () => {
		await staff.goto(`${portico.staff}/portal`);
		await figure('Invited', 1).waitFor();
		await step('Accepted', 1).waitFor();
		await figure('Joined', 0).waitFor();
		await staff.evaluate(() => Object.assign(window, { sameDocument: true }));

		await phone.page.goto(link);
		assert.equal(phone.page.url(), `${portico.portal}/k`, 'the address shows no link');
		await phone.page.getByText('a•••@ex•••.test').waitFor();
		assert.equal(await phone.page.getByRole('button').count(), 1, 'one button');
		await accessible(phone.page, 'the link page');
		await fits(phone.page, 'the link page');
		await shot(phone.page, 'journey-5-link');
		await step('Opened', 1).waitFor();

		await phone.page.getByRole('button', { name: 'Sign in' }).click();
		await phone.page.getByRole('heading', { name: /, Ana$/ }).waitFor();
		assert.equal(phone.page.url(), `${portico.portal}/`);
		await accessible(phone.page, 'home');
		await fits(phone.page, 'home');
		await shot(phone.page, 'journey-5-home');

		await figure('Joined', 1).waitFor();
		for (const name of ['Invited', 'Accepted', 'Opened', 'Joined']) await step(name, 1).waitFor();
		assert.equal(await staff.evaluate(() => 'sameDocument' in window), true, 'staff did not reload');
		await staff.getByRole('row', { name: /Ana Petrović/ }).getByText('Joined').waitFor();
		await shot(staff, 'journey-5-joined');
	});

	it('the same link elsewhere is no longer valid, and one tap sends a fresh one', async () => {
		const { page } = laptop;
		await page.goto(link);
		await page.getByRole('heading', { name: 'This link is no longer valid' }).waitFor();
		await accessible(page, 'the page of a used link');
		await shot(page, 'journey-6-used');
		await page.getByRole('button', { name: 'Send me a fresh link' }).click();
		await page.getByRole('heading', { name: 'Check your mail' }).waitFor();
		await shot(page, 'journey-6-renewed');

		const fresh = linkIn(await exim.mailbox.next('ana@example.test'));
		assert.notEqual(fresh, link);
		await page.goto(fresh);
		await page.getByRole('button', { name: 'Sign in' }).click();
		await page.getByRole('heading', { name: /, Ana$/ }).waitFor();
		await shot(page, 'journey-6-home');
	});

	it('the client sees both devices and signs one out, which notices at once', async () => {
		await phone.page.getByRole('link', { name: 'Devices' }).click();
		await phone.page.getByText('This device, in use now').waitFor();
		await accessible(phone.page, 'devices');
		await shot(phone.page, 'journey-7-devices');
		await phone.page.getByRole('button', { name: /^Sign out / }).click();
		await laptop.page.waitForURL(/\/login\?/);
		await laptop.page.getByText('Your session has ended').waitFor();
		await shot(laptop.page, 'journey-7-ended');
	});

	it('the client asks for a mail and types its code in the browser that asked', async () => {
		const { page } = laptop;
		await page.goto(`${portico.portal}/login`);
		await page.getByLabel('Email').first().fill('ana@example.test');
		await page.getByRole('button', { name: 'Email me a link' }).click();
		await page.getByRole('heading', { name: 'Check your mail' }).waitFor();
		await accessible(page, 'the page after asking');
		await shot(page, 'journey-8-sent');
		let letter = await exim.mailbox.next('ana@example.test');
		while (!/\/k\//.test(letter.text)) letter = await exim.mailbox.next('ana@example.test');
		const code = codeIn(letter);
		assert.doesNotMatch(letter.subject, new RegExp(code), 'the subject carries no code');

		await page.getByLabel('Code').fill('AAAA AAAA');
		await page.getByRole('button', { name: 'Sign in with the code' }).click();
		await page.getByText('That code did not work').waitFor();
		await accessible(page, 'the page after a wrong code');
		await page.getByLabel('Code').fill(code.toLowerCase());
		await page.getByRole('button', { name: 'Sign in with the code' }).click();
		await page.getByRole('heading', { name: /, Ana$/ }).waitFor();
	});

	it('the client signs out', async () => {
		await laptop.page.getByRole('link', { name: 'Profile' }).click();
		await laptop.page.getByRole('button', { name: 'Sign out' }).click();
		await laptop.page.getByText('You are signed out.').waitFor();
		await laptop.page.goto(`${portico.portal}/`);
		await laptop.page.waitForURL(/\/login/);
	});

	it('staff suspend the client: the page on the phone is closed within a moment', async () => {
		await phone.page.getByRole('link', { name: 'Home' }).last().click();
		await staff.getByRole('row', { name: /Ana Petrović/ }).click({ button: 'right' });
		await staff.getByRole('menuitem', { name: 'Suspend access' }).click();
		await staff.getByText('Ana Petrović can no longer sign in').waitFor();
		await phone.page.waitForURL(/\/login\?/);
		await staff.getByRole('row', { name: /Ana Petrović/ }).getByText('Suspended').waitFor();
		await shot(phone.page, 'journey-10-suspended');
	});

	it('staff let the client in again, who comes back with a login email', async () => {
		await staff.getByRole('button', { name: 'Undo' }).click();
		const row = staff.getByRole('row', { name: /Ana Petrović/ });
		await row.getByText('Joined').waitFor();
		await row.click({ button: 'right' });
		await staff.getByRole('menuitem', { name: 'Send login email' }).click();
		await staff.getByText('1 login email is on its way').waitFor();
		let letter = await exim.mailbox.next('ana@example.test');
		while (!/\/k\//.test(letter.text)) letter = await exim.mailbox.next('ana@example.test');
		await phone.page.goto(linkIn(letter));
		await phone.page.getByRole('button', { name: 'Sign in' }).click();
		await phone.page.getByRole('heading', { name: /, Ana$/ }).waitFor();
	});

	it('no browser complained', () => {
		for (const { faults } of [phone, laptop]) {
			expectRefusal(faults, 401, /\/api\/portal\//);
			expectRefusal(faults, 401, /\/login\/code$/);
			expectRefusal(faults, 410, /\/k$/);
			assert.deepEqual(faults, []);
		}
		assert.deepEqual(staffFaults, []);
	});
});
