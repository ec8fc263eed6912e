import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { startBrowser, startPortico, staffPage, violations, type Portico } from './factories/portico';

describe('the portal dashboard', () => {
	let portico: Portico;
	let browser: Browser;
	let page: Page;
	let faults: string[];

	before(async () => {
		[portico, browser] = await Promise.all([startPortico(), startBrowser()]);
		await portico.run('demo');
		({ page, faults } = await staffPage(browser, portico));
	});
	after(async () => {
		await browser?.close();
		await portico?.stop();
	});

	const row = (name: string) => page.locator('[role=row]', { hasText: name });

	it('shows the address, the numbers and the people behind them', async () => {
		await page.goto(`${portico.staff}/portal`);
		await page.getByText(portico.portal, { exact: true }).waitFor();
		await page.getByRole('button', { name: /Joined$/ }).first().waitFor();
		await row('@example.com').first().waitFor();
	});

	it('invites a pasted address with a preview of the mail', async () => {
		await page.getByRole('button', { name: 'Invite clients' }).first().click();
		const dialog = page.locator('dialog');
		await dialog.getByRole('combobox', { name: 'Who' }).fill('Mia <mia.new@example.com>,');
		await dialog.locator('textarea').fill('See you on Monday.');
		await dialog.frameLocator('iframe').getByText('See you on Monday.').waitFor();
		assert.deepEqual(await violations(page), []);
		await dialog.getByRole('button', { name: 'Send 1 invitation' }).click();
		await page.getByText('1 invitation is on its way').waitFor();
		await row('mia.new@example.com').waitFor();
	});

	it('makes a sign-in link that opens the portal, and revokes another', async () => {
		const make = async () => {
			await row('mia.new@example.com').click({ button: 'right' });
			await page.getByRole('menuitem', { name: 'Make a sign-in link' }).click();
			await page.getByRole('button', { name: 'Make link' }).click();
			return page.locator('dialog input[readonly]').inputValue();
		};
		const link = await make();
		assert.ok(link.startsWith(`${portico.portal}/k/`), link);
		await page.getByRole('button', { name: 'Done' }).click();
		const client = await browser.newPage();
		const answer = await client.goto(link);
		assert.equal(answer?.status(), 200);
		await client.close();
		await make();
		await page.getByRole('button', { name: 'Revoke this link' }).click();
		await page.getByText('The link no longer works').waitFor();
		await page.keyboard.press('Escape');
	});

	it('closes the door and opens it again', async () => {
		const joined = row('Joined').first();
		const name = (await joined.locator('.name').textContent()) ?? '';
		await joined.click({ button: 'right' });
		await page.getByRole('menuitem', { name: 'Suspend access' }).click();
		await page.getByText(`${name} can no longer sign in`).waitFor();
		await row(name).getByText('Suspended').waitFor();
		await page.getByRole('button', { name: 'Undo' }).click();
		await row(name).getByText('Joined').waitFor();
	});

	it('does all of this without a complaint from the browser', () => {
		assert.deepEqual(faults, []);
	});
});
