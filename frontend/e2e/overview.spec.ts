// The first minutes of a new owner, and the pages that say how things stand.
import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { staffApi, type StaffApi } from './factories/api';
import { journey } from './factories/journey';
import { accessible, fits, shot } from './factories/page';
import { startBrowser, startPortico, staffPage, type Portico } from './factories/portico';

describe('the first start', () => {
	let portico: Portico;
	let browser: Browser;
	let api: StaffApi;
	let page: Page;
	let faults: string[];

	before(async () => {
		[portico, browser] = await Promise.all([startPortico(), startBrowser()]);
		api = await staffApi(portico);
		({ page, faults } = await staffPage(browser, portico));
	});
	after(async () => {
		await browser?.close();
		await portico?.stop();
	});

	const it = journey(() => [page]);
	const step = (number: number, title: string) => Promise.all([page.getByText(`Step ${number} of 6`).waitFor(), page.getByRole('heading', { name: title, exact: true }).waitFor()]);

	it('leads through six short steps, with the portal beside them', async () => {
		await page.goto(`${portico.staff}/`);
		await step(1, 'Your business');
		await page.getByLabel('Name of your business').fill('Hanna’s Garden');
		await page.getByRole('figure', { name: 'Preview of the portal' }).getByText('Hanna’s Garden').first().waitFor();
		await accessible(page, 'the first step');
		await shot(page, 'overview-1-business');
		await page.getByRole('button', { name: 'Save and go on' }).click();
		await step(2, 'Your look');
		await shot(page, 'overview-1-look');
		await page.getByRole('button', { name: 'Save and go on' }).click();
		await step(3, 'First contact');
		await page.getByLabel('Name', { exact: true }).fill('Ana Petrović');
		await page.getByLabel('Email').fill('ana@example.test');
		await page.getByRole('button', { name: 'Save and go on' }).click();
		await step(4, 'Mail');
	});

	it('can be skipped, left and taken up again', async () => {
		await page.getByRole('button', { name: 'Skip' }).click();
		await step(5, 'Address');
		await page.getByText(portico.portal, { exact: true }).waitFor();
		await accessible(page, 'the step with the address');
		await shot(page, 'overview-2-address');
		await page.goto(`${portico.staff}/settings`);
		await page.goto(`${portico.staff}/`);
		await page.getByText(/Step \d of 6/).waitFor();
		await page.getByRole('button', { name: /Mail/ }).getByText('Skipped').waitFor();
		await page.getByRole('button', { name: /First contact/ }).getByText('Done').waitFor();
	});

	it('makes room for the everyday home', async () => {
		await page.getByRole('button', { name: 'Finish the set-up' }).click();
		await page.getByRole('heading', { name: 'Needs you' }).waitFor();
		await page.getByRole('link', { name: /1\s*Contacts/ }).waitFor();
		await accessible(page, 'home');
		await fits(page, 'home');
		await shot(page, 'overview-3-home');
	});

	it('says on every page how things stand', async () => {
		const light = page.getByRole('button', { name: /^(Ok|Check|Problem):/ });
		await light.click();
		await page.getByRole('link', { name: 'Open Health' }).waitFor();
		await accessible(page, 'the light');
		await shot(page, 'overview-4-light');
		await page.getByRole('link', { name: 'Open Health' }).click();
		await page.waitForURL(/\/health$/);
		await page.locator('main li').nth(2).waitFor();
		await accessible(page, 'health');
		await shot(page, 'overview-4-health');
	});

	it('keeps a log of who did what, to search and to save', async () => {
		await page.getByRole('link', { name: 'Audit log' }).click();
		await page.getByRole('cell', { name: 'Ana Petrović' }).first().waitFor();
		await accessible(page, 'the audit log');
		await shot(page, 'overview-5-audit');
		const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save as CSV' }).click()]);
		assert.match(download.suggestedFilename(), /\.csv$/);
		await page.getByRole('searchbox').fill('there is no such thing');
		await page.getByText('Nothing matches.').waitFor();
	});

	it('tells what clients did, at once', async () => {
		await page.goto(`${portico.staff}/`);
		await page.getByRole('heading', { name: 'Recent' }).waitFor();
		const { items } = await api.get<{ items: { id: string }[] }>('/api/staff/contacts?limit=1');
		const { url } = await api.post<{ url: string }>('/api/staff/portal/magic-links', { contact_id: items[0]!.id, target: '/' });
		const client = await browser.newPage();
		await client.goto(url);
		await client.locator('form[action="/k"] button').click();
		await client.close();
		await page.getByRole('link', { name: /1\s*Joined/ }).waitFor();
		await page.getByRole('button', { name: /new notification/ }).click();
		await page.getByRole('heading', { name: 'Notifications' }).waitFor();
		await page.getByText(/Ana Petrović/).first().waitFor();
		await shot(page, 'overview-6-bell');
		await page.keyboard.press('Escape');
	});

	it('speaks German and goes dark when told to, and stays so', async () => {
		await page.goto(`${portico.staff}/settings`);
		await page.getByLabel('Appearance').selectOption('dark');
		await page.locator('html[data-theme=dark]').waitFor();
		await page.getByLabel('Language').selectOption('de');
		await page.getByRole('link', { name: 'Kontakte' }).waitFor();
		await page.reload();
		await page.locator('html[data-theme=dark][lang=de]').waitFor();
		await page.goto(`${portico.staff}/`);
		await page.getByRole('heading', { name: 'Für Sie zu tun' }).waitFor();
		for (const path of ['/', '/portal', '/health', '/audit', '/outbox/templates/invitation/de', '/settings']) {
			await page.goto(portico.staff + path);
			await page.waitForLoadState('networkidle');
			await accessible(page, `${path} in German and dark`);
			await shot(page, `overview-7-de${path.replaceAll('/', '-')}`);
		}
	});

	it('troubles no browser', () => assert.deepEqual(faults, []));
});
