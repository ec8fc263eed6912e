// Takes a picture of every page of the staff window, in both schemes and two
// widths, of the demo business: `npm run shots`, then look into e2e/shots/.
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { startBrowser, startPortico, staffPage } from './factories/portico';

const pages = ['/', '/contacts', '/portal', '/portal/domain', '/portal/sign-in', '/portal/branding', '/outbox', '/outbox/account', '/outbox/templates/invitation/en', '/settings', '/health', '/audit', '/help'];
const folder = fileURLToPath(new URL('shots/', import.meta.url));

await mkdir(folder, { recursive: true });
const [portico, browser] = await Promise.all([startPortico(), startBrowser()]);
try {
	await portico.run('demo');
	for (const colorScheme of ['light', 'dark'] as const) {
		for (const width of [1280, 390]) {
			const { page, context } = await staffPage(browser, portico, { colorScheme, viewport: { width, height: 800 } });
			for (const path of pages) {
				await page.goto(portico.staff + path);
				await page.waitForLoadState('networkidle');
				await page.screenshot({ path: `${folder}staff${path.replaceAll('/', '-')}-${width}-${colorScheme}.png` });
			}
			await context.close();
		}
	}
} finally {
	await browser.close();
	await portico.stop();
}
