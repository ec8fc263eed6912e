import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { startBrowser, startPortico, staffPage, type Portico } from './factories/portico';

describe('contacts', () => {
	let portico: Portico;
	let browser: Browser;
	let page: Page;
	let faults: string[];

	before(async () => {
		[portico, browser] = await Promise.all([startPortico(), startBrowser()]);
		({ page, faults } = await staffPage(browser, portico));
	});
	after(async () => {
		await browser?.close();
		await portico?.stop();
	});

	const row = (name: string) => page.locator('[role=row]', { hasText: name });

	it('says what contacts are when there are none', async () => {
		await page.goto(`${portico.staff}/contacts`);
		await page.getByRole('heading', { name: 'No contacts yet' }).waitFor();
	});

	it('adds one by keyboard', async () => {
		await page.locator('main').click();
		await page.keyboard.press('c');
		await page.locator('dialog').getByLabel('Name', { exact: true }).fill('Ana Petrović');
		await page.locator('dialog').getByLabel('Email').fill('ana@example.com');
		await page.getByRole('button', { name: 'Create contact' }).click();
		await page.getByText('Ana Petrović was added').waitFor();
		await row('ana@example.com').waitFor();
		await page.keyboard.press('Escape');
	});

	it('says beside the field when an address is taken, and keeps the rest', async () => {
		await page.getByRole('button', { name: 'New contact' }).click();
		const dialog = page.locator('dialog');
		await dialog.getByLabel('Name', { exact: true }).fill('Somebody else');
		await dialog.getByLabel('Email').fill('ana@example.com');
		await page.getByRole('button', { name: 'Create contact' }).click();
		await dialog.getByRole('alert').first().waitFor();
		assert.equal(await dialog.getByLabel('Name', { exact: true }).inputValue(), 'Somebody else');
		await page.keyboard.press('Escape');
		faults.splice(0);
	});

	it('edits in the list with a double click, and takes it back', async () => {
		await page.goto(`${portico.staff}/contacts`);
		await row('ana@example.com').locator('.name').dblclick();
		await page.getByRole('textbox', { name: 'Name' }).fill('Ana P.');
		await page.keyboard.press('Enter');
		await page.getByText('Ana P. was changed').waitFor();
		await page.getByRole('button', { name: 'Undo' }).click();
		await row('Ana Petrović').waitFor();
	});

	it('opens beside the list, keeps notes, and fills a page on the second ⏎', async () => {
		await page.getByRole('grid').focus();
		await page.keyboard.press('Enter');
		await page.getByRole('tab', { name: 'Notes' }).click();
		await page.getByLabel('Write a note').fill('Calls in the morning');
		await page.getByRole('button', { name: 'Add note' }).click();
		await page.locator('.note').getByText('Calls in the morning').waitFor();
		await page.getByRole('grid').focus();
		await page.keyboard.press('Enter');
		await page.waitForURL(/\/contacts\/ct_/);
	});

	it('archives at once and takes it back', async () => {
		await page.goto(`${portico.staff}/contacts`);
		await row('ana@example.com').click({ button: 'right' });
		await page.getByRole('menuitem', { name: 'Archive' }).click();
		await page.getByText('1 contact archived').waitFor();
		await page.getByRole('button', { name: 'Undo' }).click();
		await row('ana@example.com').waitFor();
	});

	it('is found by the palette', async () => {
		await page.keyboard.press('Control+k');
		await page.keyboard.type('petro');
		await page.getByRole('option', { name: /Ana Petrović/ }).waitFor();
		await page.keyboard.press('Enter');
		await page.waitForURL(/\/contacts\/ct_/);
		await page.getByRole('heading', { name: 'Ana Petrović' }).waitFor();
	});

	it('does all of this without a complaint from the browser', () => {
		assert.deepEqual(faults, []);
	});
});
