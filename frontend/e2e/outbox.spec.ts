// Mail as staff see it, with a real mail server that also says no.
import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { addContact, staffApi, type StaffApi } from './factories/api';
import { startExim, unknownUser, type Exim } from './factories/exim';
import { journey } from './factories/journey';
import { accessible, fits, shot } from './factories/page';
import { startBrowser, startPortico, staffPage, type Portico } from './factories/portico';
import { until } from './factories/until';

const refused = `${unknownUser}@example.test`;

describe('mail', () => {
	let exim: Exim;
	let portico: Portico;
	let browser: Browser;
	let api: StaffApi;
	let page: Page;
	let faults: string[];

	before(async () => {
		exim = await startExim();
		[portico, browser] = await Promise.all([startPortico({ SSL_CERT_FILE: exim.certificate }), startBrowser()]);
		api = await staffApi(portico);
		const { host, port, username, password } = exim;
		await api.put('/api/staff/mail/account', { kind: 'smtp', host, port, security: 'starttls', username, password, from_name: 'Hanna’s Garden', from_address: 'hanna@garden.test' });
		await addContact(api, 'Ana Petrović', 'ana@example.test');
		await addContact(api, 'Jonas Weber', 'jonas@example.test');
		await addContact(api, 'Mia Chen', refused);
		await api.post('/api/staff/contacts', { name: 'Otto Ohne', emails: [] });
		({ page, faults } = await staffPage(browser, portico));
	});
	after(async () => {
		await browser?.close();
		await portico?.stop();
		await exim?.stop();
	});

	const it = journey(() => [page]);
	const row = (text: string) => page.getByRole('row', { name: new RegExp(text) });
	const dialog = () => page.getByRole('dialog');

	it('goes to several at once, and each who was left out is told with a reason', async () => {
		await page.goto(`${portico.staff}/contacts`);
		await row('Otto Ohne').waitFor();
		await page.getByRole('checkbox', { name: 'Select all' }).click();
		await page.getByRole('toolbar').getByText('4 selected').waitFor();
		await page.getByRole('toolbar').getByRole('button', { name: 'Send login email' }).click();
		await page.getByText('3 login emails are on their way').waitFor();
		await page.getByText('1 was left out: This contact has no email address. Add one first.').waitFor();
		await shot(page, 'outbox-1-several');
		await Promise.all([exim.mailbox.next('ana@example.test'), exim.mailbox.next('jonas@example.test')]);
	});

	it('shows what the server said to each, and what it means', async () => {
		await page.goto(`${portico.staff}/outbox`);
		await row('ana@example.test').getByText('Accepted').waitFor();
		await row(refused).getByText('Not delivered').waitFor();
		await accessible(page, 'the outbox');
		await fits(page, 'the outbox');
		await shot(page, 'outbox-2-list');
		await row(refused).click();
		const panel = page.getByRole('complementary');
		await panel.getByText('There is no mailbox here by that name').waitFor();
		const meaning = await panel.locator('dd').first().textContent();
		assert.doesNotMatch(meaning ?? '', /550|SMTP/, 'the meaning is plain');
		assert.ok(await panel.getByText('What to do').isVisible());
		await accessible(page, 'a mail that was not delivered');
		await shot(page, 'outbox-2-refused');
	});

	it('is shown by state', async () => {
		await page.goto(`${portico.staff}/outbox`);
		await page.getByLabel('Show').selectOption('failed');
		await row(refused).waitFor();
		await row('ana@example.test').waitFor({ state: 'detached' });
	});

	it('stops writing to an address that does not exist, until somebody allows it', async () => {
		await page.goto(`${portico.staff}/outbox/do-not-send`);
		const listed = page.getByRole('listitem').filter({ hasText: refused });
		await listed.getByText('Does not exist').waitFor();
		await accessible(page, 'addresses that are not written to');
		await shot(page, 'outbox-4-suppressed');

		await page.getByRole('button', { name: 'Add an address' }).click();
		await dialog().getByLabel('Email').fill('stop@example.test');
		await dialog().getByLabel(/^Why/).fill('asked by phone');
		await dialog().getByRole('button', { name: 'Add an address' }).click();
		await page.getByText('Nothing is sent to stop@example.test any more').waitFor();
		await page.getByText('asked by phone').waitFor();

		await listed.getByRole('button', { name: 'Allow again' }).click();
		await page.getByText(`${refused} can be written to again`).waitFor();
	});

	it('points out a value that does not exist, repairs it and shows the mail as it will be', async () => {
		await page.goto(`${portico.staff}/outbox/templates`);
		await accessible(page, 'the mail texts');
		await page.locator('a[href="/outbox/templates/invitation/en"]').click();
		const heading = page.getByLabel('Heading');
		await heading.fill('Come in, {{contact.firstname}}');
		await page.getByText('1 value is not right').waitFor();
		await accessible(page, 'a mail text with a mistake');
		await shot(page, 'outbox-5-mistake');
		await page.getByRole('button', { name: /^Use contact\.first_name/ }).click();
		await page.getByText('1 value is not right').waitFor({ state: 'detached' });
		assert.equal(await heading.inputValue(), 'Come in, {{contact.first_name}}');

		await page.getByLabel('Preview with').fill('Jonas');
		await page.getByRole('option', { name: /Jonas Weber/ }).click();
		await page.frameLocator('iframe').getByText('Come in, Jonas').waitFor();
		await page.getByRole('tab', { name: 'As plain text' }).click();
		await page.locator('pre', { hasText: 'Come in, Jonas' }).waitFor();
		await shot(page, 'outbox-5-repaired');
		await page.getByRole('button', { name: 'Save', exact: true }).click();
		await page.getByText('The mail text is saved').waitFor();
	});

	it('is written with the new words', async () => {
		await page.goto(`${portico.staff}/portal`);
		await page.getByRole('button', { name: 'Invite clients' }).first().click();
		await dialog().getByRole('combobox', { name: 'Who' }).fill('jon');
		await page.getByRole('option', { name: /Jonas Weber/ }).click();
		await dialog().frameLocator('iframe').getByText('Come in, Jonas').waitFor();
		await dialog().getByRole('button', { name: 'Send 1 invitation' }).click();
		const letter = await exim.mailbox.next('jonas@example.test');
		assert.match(letter.text, /Come in, Jonas/);
		assert.match(letter.html, /Come in, Jonas/);
	});

	it('has its original words back in one step', async () => {
		await page.goto(`${portico.staff}/outbox/templates/invitation/en`);
		await page.getByRole('button', { name: 'Back to the original' }).click();
		await page.getByText('The original text is back').waitFor();
		await until('the heading changes back', async () => !(await page.getByLabel('Heading').inputValue()).includes('Come in'));
	});

	it('is listed as not delivered where the client is, too', async () => {
		await api.post('/api/staff/portal/invitations', { emails: [refused, 'ana@example.test'] });
		await page.goto(`${portico.staff}/portal?list=undelivered`);
		await row('Mia Chen').getByText('Not delivered').first().waitFor();
		await accessible(page, 'clients who were not reached');
		await shot(page, 'outbox-8-undelivered');
	});

	it('troubles no browser', () => assert.deepEqual(faults, []));
});
