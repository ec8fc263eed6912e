// How the portal looks and who may come in: set by staff, seen by clients.
import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { addContact, staffApi, type StaffApi } from './factories/api';
import { expectRefusal } from './factories/faults';
import { journey } from './factories/journey';
import { accessible, openClient, shot } from './factories/page';
import { picture } from './factories/picture';
import { startBrowser, startPortico, staffPage, type Portico } from './factories/portico';

describe('the look of the portal and its sign-in', () => {
	let portico: Portico;
	let browser: Browser;
	let api: StaffApi;
	let page: Page;
	let faults: string[];
	let ana: string;

	before(async () => {
		[portico, browser] = await Promise.all([startPortico(), startBrowser()]);
		api = await staffApi(portico);
		ana = await addContact(api, 'Ana Petrović', 'ana@example.test');
		({ page, faults } = await staffPage(browser, portico));
	});
	after(async () => {
		await browser?.close();
		await portico?.stop();
	});

	const it = journey(() => [page]);
	const save = async (said: string) => {
		const button = page.getByRole('button', { name: 'Save', exact: true });
		await button.click();
		await page.getByText(said).last().waitFor();
		await button.waitFor({ state: 'detached' });
	};

	it('needs a name, and says so beside the field', async () => {
		await page.goto(`${portico.staff}/portal/branding`);
		await page.getByLabel('One line about it').fill('Plants and places to sit');
		await page.getByRole('button', { name: 'Save', exact: true }).click();
		await page.getByText('The business needs a name').first().waitFor();
		expectRefusal(faults, 422, /\/branding$/);
		await page.getByLabel('Name of your business').fill('Hanna’s Garden');
		await page.getByRole('figure', { name: 'Preview of the portal' }).getByText('Hanna’s Garden').first().waitFor();
		await save('The branding is saved');
	});

	it('makes a colour readable, and tells how it is shown', async () => {
		await page.getByLabel('Code of “Main colour”').fill('#ffe14d');
		await save('The branding is saved');
		await page.getByText(/shown a little darker there: #[0-9a-f]{6}/).first().waitFor();
		const { contrast } = await api.get<{ contrast: Record<string, { ratio: number; changed: boolean }> }>('/api/staff/branding');
		assert.ok(contrast.light!.changed && contrast.light!.ratio >= 4.5);
		await accessible(page, 'branding');
		await shot(page, 'branding-2-contrast');
	});

	it('refuses what is no colour', async () => {
		await page.getByLabel('Code of “Main colour”').fill('teal');
		await page.getByRole('button', { name: 'Save', exact: true }).click();
		await page.getByRole('alert').filter({ hasText: '#0f766e' }).first().waitFor();
		await page.getByRole('button', { name: 'Discard changes' }).click();
		expectRefusal(faults, 422, /\/branding$/);
	});

	it('carries the logo to where clients see it', async () => {
		await page.locator('input[type=file]').first().setInputFiles(picture('logo.png', 320, 96, [15, 118, 110]));
		await page.getByRole('img', { name: 'Logo' }).waitFor();
		const client = await openClient(browser);
		await client.page.goto(`${portico.portal}/login`);
		const logo = client.page.locator('header.brand img');
		await logo.waitFor();
		assert.equal(await logo.evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth > 0), true, 'the logo can be seen');
		await accessible(client.page, 'the sign-in page with a logo');
		await shot(client.page, 'branding-4-login');
		assert.deepEqual(client.faults, []);
		await client.close();
		await shot(page, 'branding-4-logo');
	});

	it('keeps how clients sign in, within the limits', async () => {
		await page.getByRole('link', { name: 'Sign-in' }).click();
		const invitation = page.getByLabel('An invitation is valid for');
		const choices = await invitation.locator('option').allTextContents();
		assert.ok(choices.length >= 3, choices.join());
		await invitation.selectOption(String(14 * 24 * 3600));
		await page.getByLabel('Ask for the email address again').selectOption('new_browser');
		await page.getByRole('switch', { name: 'Sign-in codes' }).click();
		await accessible(page, 'sign-in settings');
		await shot(page, 'branding-5-policy');
		await save('The sign-in settings are saved');
		const policy = await api.get<{ invitation_ttl: number; code_sign_in: boolean; ask_email: string; limits: Record<string, [number, number]> }>('/api/staff/portal/policy');
		assert.deepEqual([policy.invitation_ttl, policy.code_sign_in, policy.ask_email], [14 * 24 * 3600, false, 'new_browser']);
		await assert.rejects(api.put('/api/staff/portal/policy', { ...policy, limits: undefined, invitation_ttl: policy.limits.invitation_ttl![1] + 1 }), /422/);
	});

	it('makes a link to copy, which then asks for the address on a new browser', async () => {
		await page.goto(`${portico.staff}/contacts/${ana}`);
		await page.getByRole('tab', { name: 'Portal access' }).click();
		await page.getByRole('button', { name: 'Actions' }).click();
		await page.getByRole('menuitem', { name: 'Make a sign-in link' }).click();
		const dialog = page.getByRole('dialog');
		await dialog.getByLabel('Opens at').selectOption({ label: 'Profile' });
		await dialog.getByRole('button', { name: 'Make link' }).click();
		const link = await dialog.getByLabel('Link', { exact: true }).inputValue();
		await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
		await dialog.getByRole('button', { name: 'Copy' }).click();
		await dialog.getByText('Copied').waitFor();
		assert.equal(await page.evaluate(() => navigator.clipboard.readText()), link);
		await accessible(page, 'the dialog with a link');
		await shot(page, 'branding-6-link');
		await dialog.getByRole('button', { name: 'Done' }).click();

		const client = await openClient(browser);
		await client.page.goto(link);
		await client.page.getByLabel('Email').fill('somebody@example.test');
		await client.page.getByRole('button', { name: 'Sign in' }).click();
		await client.page.getByText('This is not the address the link was sent to.').waitFor();
		await accessible(client.page, 'the link page after a wrong address');
		await shot(client.page, 'branding-6-address');
		expectRefusal(client.faults, 422, /\/k$/);
		await client.page.getByLabel('Email').fill('ana@example.test');
		await client.page.getByRole('button', { name: 'Sign in' }).click();
		await client.page.getByRole('heading', { name: 'Profile', level: 1 }).waitFor();
		assert.equal(client.page.url(), `${portico.portal}/profile`);
		assert.deepEqual(client.faults, []);
		await client.close();
	});

	it('offers no code where codes are switched off', async () => {
		const client = await openClient(browser);
		await client.page.goto(`${portico.portal}/login`);
		assert.equal(await client.page.getByText('I have a code').count(), 0);
		await client.close();
	});

	it('troubles no browser', () => assert.deepEqual(faults, []));
});
