// The portal gets a name of its own: entered by the owner, found in DNS, proven
// to a certificate authority, opened by a client over https. Real program, real
// browser; name servers and authority stand on loopback.
import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { addContact, magicLink, staffApi } from './factories/api';
import { expectRefusal } from './factories/faults';
import { journey } from './factories/journey';
import { accessible, fits, openClient, shot, signIn } from './factories/page';
import { startBrowser, startPortico, staffPage, type Portico } from './factories/portico';
import { startStreet, type Street } from './factories/street';

const name = 'portal.shop.test';
const url = `https://${name}`;
/** Others have to answer first, each in its own time. */
const patience = { timeout: 180_000 };

describe('the portal gets an address of its own', () => {
	let street: Street;
	let portico: Portico;
	let browser: Browser;
	let clients: Browser | undefined;
	let staff: Page;
	let faults: string[];
	let oldLink: string;

	before(async () => {
		street = await startStreet();
		// What is not there is not remembered for long.
		await street.set('shop.test', '@ 1 SOA ns2 hostmaster 1 3600 600 86400 1');
		portico = await startPortico({}, street.args);
		browser = await startBrowser();
		({ page: staff, faults } = await staffPage(browser, portico));
		const api = await staffApi(portico);
		oldLink = await magicLink(api, await addContact(api, 'Ana Petrović', 'ana@example.test'));
	});
	after(async () => {
		await clients?.close();
		await browser?.close();
		await portico?.stop();
		await street?.stop();
	});

	const it = journey(() => [staff]);
	const field = () => staff.getByLabel('Name of the portal');
	const button = (label: string) => staff.getByRole('button', { name: label, exact: true });

	/** The screen in both schemes and two widths, looked at by axe in two of the four. */
	async function pictures(moment: string): Promise<void> {
		for (const colorScheme of ['light', 'dark'] as const) {
			for (const width of [1280, 390]) {
				await staff.emulateMedia({ colorScheme });
				await staff.setViewportSize({ width, height: width > 1000 ? 2300 : 3600 });
				await staff.getByRole('heading', { name: 'Your own address' }).scrollIntoViewIfNeeded();
				if ((colorScheme === 'light') === (width === 1280)) await accessible(staff, `the domain, ${moment}, ${colorScheme}, ${width} px`);
				await fits(staff, `the domain, ${moment}, ${width} px`);
				await shot(staff, `domain-${moment}-${width}-${colorScheme}`);
			}
		}
		await staff.emulateMedia({ colorScheme: 'light' });
		await staff.setViewportSize({ width: 1280, height: 800 });
	}

	it('staff find the page, and every name that cannot be is refused in words of its own', async () => {
		await staff.getByRole('link', { name: 'Domain' }).click();
		for (const [typed, said] of [
			['portal', /This name has no dot/],
			['192.0.2.7', /This is an address made of numbers/],
			['*.shop.test', /A star stands for many names/],
			['hanna.myshopify.com', /This name belongs to Shopify/],
		] as const) {
			await field().fill(typed);
			await button('Show what to enter').click();
			await staff.getByText(said).waitFor();
			assert.equal(await field().getAttribute('aria-invalid'), 'true');
		}
		await shot(staff, 'domain-refused');
		expectRefusal(faults, 422, /\/api\/staff\/domain$/);
	});

	it('a pasted address in capitals becomes the name, and the record is shown for copying', async () => {
		await field().fill('HTTPS://Portal.Shop.TEST/Login?from=mail');
		await button('Show what to enter').click();
		const records = staff.getByRole('region', { name: /^Enter this/ });
		await records.getByText('portal', { exact: true }).first().waitFor();
		assert.equal(await field().inputValue(), name);
		for (const value of ['A', 'portal', '127.0.0.1']) await records.locator('.records code', { hasText: new RegExp(`^${value}$`) }).first().waitFor(patience);
		assert.equal(await records.locator('.records').getByRole('button', { name: 'Copy' }).count(), 2);
	});

	it('a check says that the record is not there', async () => {
		await button('Check now').click();
		await staff.getByText('There is no record for portal in shop.test yet').first().waitFor(patience);
		await staff.getByText('nothing entered').first().waitFor();
		await pictures('waiting');
	});

	it('the router lets clients in, and says so', async () => {
		await staff.getByRole('switch', { name: 'Open the ports in my router' }).click();
		await staff.getByText(/Port \d+ of your router leads to port \d+ here/).first().waitFor(patience);
	});

	it('a report can be copied for whoever helps', async () => {
		await staff.getByText('Report for support').click();
		await staff.getByRole('region', { name: 'Report for support' }).getByText(/dns\.no_record \[portal\.shop\.test\]/).waitFor();
		await shot(staff, 'domain-report');
		await staff.getByText('Report for support').first().click();
	});

	it('the record appears, and the screen turns green by itself', async () => {
		await staff.evaluate(() => Object.assign(window, { sameDocument: true }));
		await street.set('shop.test', 'portal 1 A 127.0.0.1');
		await staff.getByText('portal.shop.test leads to this computer').first().waitFor(patience);
		await pictures('ready');
	});

	it('Update Domain goes through its steps', async () => {
		const terms = staff.getByRole('link', { name: 'terms of service of the certificate authority' });
		assert.equal(await terms.getAttribute('href'), 'https://authority.test/terms');
		await street.hold(true);
		await button('Update Domain').first().click();
		await staff.getByRole('progressbar').waitFor(patience);
		await pictures('updating');
		await street.hold(false);
		await staff.getByText('Where clients find the portal').waitFor();
		await staff.getByText(url, { exact: true }).first().waitFor(patience);
		assert.equal(await staff.evaluate(() => 'sameDocument' in window), true, 'staff did not reload');
		await staff.getByText('Valid until').waitFor(patience);
		await staff.getByText('There is no certificate').waitFor({ state: 'detached', ...patience });
		await pictures('active');
	});

	it('a client’s browser opens the portal there, and a link from before leads in', async () => {
		assert.equal(await street.status(name, '/login'), 200, 'whoever trusts the authority trusts the portal');
		clients = await startBrowser(await street.browserFlags(name));
		const client = await openClient(clients);
		await client.page.goto(`${url}/login`);
		await client.page.getByLabel('Email').first().waitFor();
		assert.equal(await client.page.evaluate(() => isSecureContext), true);
		assert.ok(oldLink.startsWith(`${portico.portal}/k/`), oldLink);
		await signIn(client.page, oldLink);
		assert.equal(client.page.url(), `${url}/`);
		await client.page.goto(`${portico.portal}/`);
		await client.page.waitForURL(`${url}/`);
		assert.deepEqual(client.faults, []);
		await shot(client.page, 'domain-client');
	});

	it('the dashboard shows the new address and that it can be reached', async () => {
		await staff.goto(`${portico.staff}/portal`);
		await staff.getByText(url, { exact: true }).waitFor();
		await shot(staff, 'domain-dashboard');
		assert.deepEqual(await street.created(), { accounts: 1, orders: 1 });
		assert.deepEqual(faults, []);
	});
});
