import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { watch } from './faults';
import { violations } from './portico';

/** A phone as most clients hold it. */
export const phone: BrowserContextOptions = {
	viewport: { width: 390, height: 844 },
	deviceScaleFactor: 2,
	isMobile: true,
	hasTouch: true,
	userAgent: 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36',
};

/** A browser of its own: no cookies, and a list of what it complained about. */
export interface Client {
	page: Page;
	context: BrowserContext;
	/** Errors on the console, exceptions, and what the content security policy refused. */
	faults: string[];
	close(): Promise<void>;
}

/** Opens a page like a client's, on a phone unless told otherwise. */
export async function openClient(browser: Browser, options: BrowserContextOptions = phone): Promise<Client> {
	const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'Europe/Berlin', ...options });
	const page = await context.newPage();
	return { page, context, faults: watch(page), close: () => context.close() };
}

/** Fails with a readable list when axe finds something. */
export async function accessible(page: Page, where: string): Promise<void> {
	// A menu or a page that is still fading in has colours nobody reads.
	await page.evaluate(() => Promise.all(document.getAnimations().map((one) => one.finished.catch(() => undefined))));
	assert.deepEqual(await violations(page), [], `axe on ${where}`);
}

/** Fails when the page can be scrolled sideways. */
export async function fits(page: Page, where: string): Promise<void> {
	assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0, `${where} scrolls sideways`);
}

const folder = fileURLToPath(new URL('../shots/', import.meta.url));

/** Keeps a picture for people to look at. */
export async function shot(page: Page, name: string): Promise<void> {
	await mkdir(folder, { recursive: true });
	await page.screenshot({ path: `${folder}${name}.png`, animations: 'disabled' });
}

/** Opens a sign-in link and presses the one button. */
export async function signIn(page: Page, link: string): Promise<void> {
	await page.goto(link);
	await page.locator('form[action="/k"] button[type=submit]').click();
	await page.locator('main h1[tabindex]').waitFor();
}
