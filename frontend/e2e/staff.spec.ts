import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { startBrowser, startPortico, staffPage, violations, type Portico } from './factories/portico';

const pages = ['/', '/contacts', '/chat', '/chat/settings', '/portal', '/portal/domain', '/portal/sign-in', '/portal/branding', '/outbox', '/outbox/account', '/outbox/templates', '/outbox/templates/invitation/en', '/outbox/do-not-send', '/settings', '/health', '/audit', '/help', '/nowhere'];

describe('every page of the staff window', () => {
	let portico: Portico;
	let browser: Browser;

	before(async () => {
		[portico, browser] = await Promise.all([startPortico(), startBrowser()]);
		await portico.run('demo');
	});
	after(async () => {
		await browser?.close();
		await portico?.stop();
	});

	for (const [colorScheme, width, locale] of [['light', 1280, 'en-GB'], ['dark', 390, 'de-DE']] as const) {
		it(`is accessible, fits and breaks no rule: ${colorScheme}, ${width} px, ${locale}`, async () => {
			const { page, context, faults } = await staffPage(browser, portico, { colorScheme, locale, viewport: { width, height: 800 } });
			for (const path of pages) {
				await page.goto(portico.staff + path);
				await page.waitForLoadState('networkidle');
				assert.deepEqual(await violations(page), [], path);
				assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, `${path} scrolls sideways`);
			}
			assert.deepEqual(faults, []);
			await context.close();
		});
	}

	it('says when Portico is not there, and keeps what is on screen', async () => {
		const { page, context } = await staffPage(browser, portico);
		await page.goto(`${portico.staff}/contacts`);
		await page.locator('[role=row]').nth(3).waitFor();
		await context.setOffline(true);
		await page.getByRole('searchbox').fill('ana');
		await page.getByText('Portico cannot be reached.').waitFor();
		assert.ok((await page.locator('[role=row]').count()) > 3);
		await context.setOffline(false);
		await page.getByRole('searchbox').fill('an');
		await page.getByText('Portico cannot be reached.').waitFor({ state: 'detached' });
		await context.close();
	});

	it('is left in a browser by signing out, which ends that browser only', async () => {
		const [leaving, staying] = [await staffPage(browser, portico), await staffPage(browser, portico)];
		await leaving.page.getByRole('button', { name: 'Sign out' }).click();
		await leaving.page.getByRole('heading', { name: 'You are signed out' }).waitFor();
		assert.deepEqual(await leaving.context.cookies(), []);
		await leaving.page.reload();
		await leaving.page.getByRole('heading', { name: 'You are signed out' }).waitFor();
		await staying.page.reload();
		await staying.page.getByRole('button', { name: 'Sign out' }).waitFor();
		await Promise.all([leaving.context.close(), staying.context.close()]);
	});

	it('has its places in a drawer on a phone', async () => {
		const { page, context, faults } = await staffPage(browser, portico, { viewport: { width: 390, height: 844 } });
		const opener = page.getByRole('banner').getByRole('button', { name: 'Main' });
		await opener.click();
		assert.deepEqual(await violations(page), []);
		await page.keyboard.press('Escape');
		assert.ok(await opener.evaluate((button) => button === document.activeElement), 'the keys are where they were');
		await opener.click();
		await page.getByRole('dialog').getByRole('link', { name: 'Contacts' }).click();
		await page.getByRole('dialog').waitFor({ state: 'detached' });
		await page.getByRole('row').filter({ hasText: 'amina.okafor@example.com' }).waitFor();
		const toolbar = await page.locator('.toolbar').boundingBox();
		assert.ok(toolbar && toolbar.height <= 100, 'the filters take two lines');
		assert.deepEqual(faults, []);
		await context.close();
	});

	it('mirrors for languages written from the right', async () => {
		const { page, context } = await staffPage(browser, portico);
		await page.evaluate(() => (document.documentElement.dir = 'rtl'));
		const nav = await page.locator('nav').first().boundingBox();
		assert.ok(nav && nav.x > 600, 'the sidebar stands at the right');
		await context.close();
	});
});
