// What clients see, page by page: in both schemes, on a phone and on a desk,
// in two languages, from the right, very large, without script and without a
// connection.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { addContact, magicLink, staffApi, type StaffApi } from './factories/api';
import { expectRefusal } from './factories/faults';
import { accessible, fits, openClient, phone, shot, signIn } from './factories/page';
import { startBrowser, startPortico, type Portico } from './factories/portico';

const sizes = { 390: phone, 1280: { viewport: { width: 1280, height: 800 } } };

describe('the portal', () => {
	let portico: Portico;
	let browser: Browser;
	let api: StaffApi;
	let ana: string;

	before(async () => {
		[portico, browser] = await Promise.all([startPortico(), startBrowser()]);
		api = await staffApi(portico);
		await api.put('/api/staff/branding', { name: 'Hanna’s Garden', description: 'Plants and places to sit', accent: '#8a3ffc', accent_2: '#0f766e', support_email: 'help@garden.test', copyright: '© 2026 Hanna’s Garden' });
		ana = await addContact(api, 'Ana Petrović', 'ana@example.test');
	});
	after(async () => {
		await browser?.close();
		await portico?.stop();
	});

	/** Every page before signing in, with how to get there. */
	const outside: [string, (page: Page) => Promise<unknown>][] = [
		['login', (page) => page.goto(`${portico.portal}/login`)],
		['login-code', async (page) => {
			await page.goto(`${portico.portal}/login`);
			await page.locator('summary').click();
		}],
		['login-bad-address', async (page) => {
			await page.goto(`${portico.portal}/login`);
			await page.locator('#email').fill('ana at example');
			await page.locator('form[action="/login"] button').click();
			await page.locator('#email-error').waitFor();
		}],
		['sent', async (page) => {
			await page.goto(`${portico.portal}/login`);
			await page.locator('#email').fill('somebody@example.test');
			await page.locator('form[action="/login"] button').click();
			await page.locator('#code').waitFor();
		}],
		['no-link', (page) => page.goto(`${portico.portal}/k`)],
		['link', async (page) => page.goto(await magicLink(api, ana))],
		['invalid', (page) => page.goto(`${portico.portal}/k/1${'A'.repeat(64)}`)],
		['missing', (page) => page.goto(`${portico.portal}/k/not/here`)],
	];
	const inside = ['/', '/profile', '/devices', '/nowhere'];

	for (const scheme of ['light', 'dark'] as const) {
		for (const width of [390, 1280] as const) {
			it(`is accessible, fits and keeps its own rules: ${scheme}, ${width} px`, async () => {
				const client = await openClient(browser, { ...sizes[width], colorScheme: scheme });
				const { page, faults } = client;
				for (const [name, go] of outside) {
					await go(page);
					await accessible(page, name);
					await fits(page, name);
					await shot(page, `portal-${name}-${width}-${scheme}`);
				}
				await signIn(page, await magicLink(api, ana));
				for (const path of inside) {
					await page.goto(portico.portal + path);
					await page.locator('main h1').first().waitFor();
					if (path === '/devices') await page.getByText('This device, in use now').waitFor();
					await accessible(page, path);
					await fits(page, path);
					await shot(page, `portal-app${path.replace('/', '-')}-${width}-${scheme}`);
				}
				for (const status of [400, 404, 410, 422]) expectRefusal(faults, status, /\/(k|login|k\/not\/here|nowhere)$/);
				assert.deepEqual(faults, []);
				await client.close();
			});
		}
	}

	it('can be read at 320 px and at twice the size, without scrolling sideways', async () => {
		for (const options of [{ viewport: { width: 320, height: 640 } }, { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 }]) {
			const client = await openClient(browser, options);
			for (const [name, go] of outside) {
				await go(client.page);
				await fits(client.page, `${name} at ${options.viewport.width} px`);
			}
			await signIn(client.page, await magicLink(api, ana));
			for (const path of inside) {
				await client.page.goto(portico.portal + path);
				await client.page.locator('main h1').first().waitFor();
				await fits(client.page, `${path} at ${options.viewport.width} px`);
				await shot(client.page, `portal-app${path.replace('/', '-')}-${options.viewport.width}`);
			}
			await client.close();
		}
	});

	it('mirrors for languages written from the right', async () => {
		const client = await openClient(browser, sizes[1280]);
		const { page } = client;
		await page.addInitScript(() => addEventListener('DOMContentLoaded', () => document.documentElement.setAttribute('dir', 'rtl')));
		await page.goto(`${portico.portal}/login`);
		await fits(page, 'login from the right');
		await shot(page, 'portal-login-rtl');
		await signIn(page, await magicLink(api, ana));
		await page.evaluate(() => document.documentElement.setAttribute('dir', 'rtl'));
		const [nav, heading] = await Promise.all([page.locator('nav').boundingBox(), page.locator('main h1').boundingBox()]);
		assert.ok(nav && heading && nav.x > heading.x, 'the rail stands at the right');
		await fits(page, 'home from the right');
		await accessible(page, 'home from the right');
		await shot(page, 'portal-home-rtl');
		await client.close();
	});

	it('speaks the language of the browser before signing in, and the chosen one after', async () => {
		const client = await openClient(browser, { ...phone, locale: 'de-DE' });
		const { page, faults } = client;
		await page.goto(`${portico.portal}/login`);
		assert.equal(await page.locator('html').getAttribute('lang'), 'de');
		await page.getByRole('heading', { name: 'Anmelden' }).waitFor();
		await shot(page, 'portal-login-de');
		await signIn(page, await magicLink(api, ana, '/profile'));
		await page.getByRole('heading', { name: 'Profil', level: 1 }).waitFor();
		await accessible(page, 'the profile in German');
		await shot(page, 'portal-profile-de');

		await page.getByLabel('Sprache', { exact: true }).selectOption('en');
		await page.getByRole('heading', { name: 'Profile', level: 1 }).waitFor();
		await page.getByText('Saved', { exact: true }).waitFor();
		assert.equal(await page.locator('html').getAttribute('lang'), 'en');
		await page.reload();
		await page.getByRole('heading', { name: 'Profile', level: 1 }).waitFor();
		await page.goto(`${portico.portal}/`);
		await page.getByText('You joined this portal').first().waitFor();
		await page.goto(`${portico.portal}/profile`);
		await page.getByLabel('Language', { exact: true }).selectOption('de');
		await page.getByText('Gespeichert', { exact: true }).waitFor();
		await page.goto(`${portico.portal}/`);
		await page.getByRole('heading', { name: /^Guten/ }).waitFor();
		await shot(page, 'portal-home-de');
		await page.goto(`${portico.portal}/profile`);
		await page.getByLabel('Sprache', { exact: true }).selectOption('');
		await page.getByText('Gespeichert', { exact: true }).waitFor();
		assert.deepEqual(faults, []);
		await client.close();
	});

	it('lets clients change their name and their theme, and keeps both', async () => {
		const client = await openClient(browser, { ...phone, colorScheme: 'light' });
		const { page } = client;
		await signIn(page, await magicLink(api, ana, '/profile'));
		const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
		const light = await ground();
		await page.getByText('Dark', { exact: true }).click();
		await page.locator('html[data-theme=dark]').waitFor();
		await page.getByText('Saved', { exact: true }).waitFor();
		assert.notEqual(await ground(), light);
		await page.getByLabel('Name').fill('Ana P.');
		await page.getByLabel('Name').press('Enter');
		await page.getByText('Saved', { exact: true }).waitFor();
		await page.reload();
		await page.locator('html[data-theme=dark]').waitFor();
		assert.equal(await page.getByLabel('Name').inputValue(), 'Ana P.');
		assert.equal((await api.get<{ name: string }>(`/api/staff/contacts/${ana}`)).name, 'Ana P.', 'staff see the new name');
		await page.getByText('Like my device', { exact: true }).click();
		await page.locator('html:not([data-theme=dark])').waitFor();
		await client.close();
	});

	it('carries the colour of the business, made readable', async () => {
		const css = await (await fetch(`${portico.portal}/brand.css`)).text();
		assert.match(css, /--brand-accent:/);
		assert.match(css, /prefers-color-scheme:\s*dark/);
		const client = await openClient(browser);
		await client.page.goto(`${portico.portal}/login`);
		const button = await client.page.getByRole('button', { name: 'Email me a link' }).evaluate((node) => getComputedStyle(node).backgroundColor);
		const { contrast } = await api.get<{ contrast: { light: { accent: string; ratio: number } } }>('/api/staff/branding');
		assert.ok(contrast.light.ratio >= 4.5, `contrast ${contrast.light.ratio}`);
		const parts = contrast.light.accent.slice(1).match(/../g)!.map((part) => parseInt(part, 16));
		assert.equal(button, `rgb(${parts.join(', ')})`);
		assert.equal(await client.page.locator('[style], style').count(), 0, 'no style stands in the page');
		await client.close();
	});

	it('can be installed', async () => {
		const manifest = (await (await fetch(`${portico.portal}/manifest.webmanifest`)).json()) as { name: string; start_url: string; display: string; icons: { src: string; sizes: string }[] };
		assert.equal(manifest.name, 'Hanna’s Garden');
		assert.equal(manifest.display, 'standalone');
		for (const size of ['192x192', '512x512']) {
			const icon = manifest.icons.find((one) => one.sizes === size);
			assert.ok(icon, `an icon of ${size}`);
			assert.equal((await fetch(new URL(icon.src, portico.portal))).headers.get('content-type'), 'image/png');
		}
		const client = await openClient(browser);
		await signIn(client.page, await magicLink(api, ana));
		await client.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
		const session = await client.context.newCDPSession(client.page);
		const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
		// Every context of the test is a private window.
		assert.deepEqual(installabilityErrors.map((error) => error.errorId).filter((id) => id !== 'in-incognito'), []);
		await client.close();
	});

	it('signs in without script, and says what needs it', async () => {
		const client = await openClient(browser, { ...phone, javaScriptEnabled: false });
		const { page } = client;
		await page.goto(`${portico.portal}/login`);
		await page.getByLabel('Email').first().fill('ana@example.test');
		await page.getByRole('button', { name: 'Email me a link' }).click();
		await page.getByRole('heading', { name: 'Check your mail' }).waitFor();
		await page.goto(await magicLink(api, ana));
		await page.getByRole('button', { name: 'Sign in' }).click();
		await page.locator('noscript p', { hasText: 'This page needs JavaScript.' }).waitFor();
		assert.equal(page.url(), `${portico.portal}/`);
		assert.equal(await page.locator('.prepared').isVisible(), false, 'nothing waits above the note');
		await shot(page, 'portal-without-script');
		await client.close();
	});

	it('sends whoever is not signed in to the sign-in page, and back to where they wanted to go', async () => {
		const client = await openClient(browser);
		await client.page.goto(`${portico.portal}/devices`);
		await client.page.waitForURL(`${portico.portal}/login?next=/devices`);
		await client.page.getByText('Please sign in to open this page.').waitFor();
		await client.close();
	});

	it('shows the last copy when there is no connection', async () => {
		const client = await openClient(browser, { ...phone, colorScheme: 'light' });
		const { page } = client;
		await signIn(page, await magicLink(api, ana));
		await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
		await page.reload();
		await page.getByText('You signed in from').first().waitFor();
		await portico.end();
		await page.reload();
		await page.getByText('You are offline. This is how it was at').waitFor();
		await page.getByText('You signed in from').first().waitFor();
		await accessible(page, 'home without a connection');
		await shot(page, 'portal-offline');
		await client.close();
	});
});
