// @ts-check
// Measures a running Portico in a real browser for `task bench`, rows B15 and B16:
//   node tools/measure.mjs portal <link that signs in>
//   node tools/measure.mjs staff <one-time address of the dashboard>
// and prints one JSON object of figures. PORTICO_CHROMIUM names the browser.
import { chromium } from 'playwright-core';

/** A phone of the middle class on a slow mobile network, as audits take it. */
const slow = { cpu: 4, latency: 150, bytesPerSecond: (1.6 * 1024 * 1024) / 8 };

/** @param {number[]} list @param {number} q */
const quantile = (list, q) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(q * list.length))] ?? 0;

/**
 * Answers what the page's main thread has worked until now, in ms of CPU: on a
 * busy computer that says more than the clock does.
 * @param {import('playwright-core').CDPSession} cdp
 */
async function worked(cdp) {
	await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
	return async () => 1_000 * ((await cdp.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0);
}

/**
 * Scrolls 20,000 px a second for so many ms; runs in the page.
 * @param {Element} list @param {number} span
 */
async function scroll(list, span) {
	/** @type {number[]} */
	const frames = [];
	let rows = 0;
	let before = await new Promise(requestAnimationFrame);
	for (const end = before + span; before < end; ) {
		const now = await new Promise(requestAnimationFrame);
		frames.push(now - before);
		list.scrollTop += 20 * (now - before);
		rows = Math.max(rows, list.querySelectorAll('[role=row]').length);
		before = now;
	}
	return { frames, rows };
}

/** @param {import('playwright-core').Browser} browser @param {string} link */
async function portal(browser, link) {
	const context = await browser.newContext({ viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true, locale: 'en-GB', serviceWorkers: 'block' });
	const plain = await browser.newContext({ javaScriptEnabled: false });
	const door = await plain.newPage();
	await door.goto(new URL('/login', link).href);
	const words = (await door.locator('main').innerText()).length;

	const page = await context.newPage();
	await page.goto(link);
	await page.locator('form[action="/k"] button[type=submit]').click();
	await page.locator('main h1[tabindex]').waitFor();
	const home = page.url();
	await page.close();

	// The same browser, signed in, with nothing in its cache.
	const first = await context.newPage();
	const cdp = await context.newCDPSession(first);
	const work = await worked(cdp);
	await cdp.send('Network.enable');
	await cdp.send('Network.clearBrowserCache');
	await cdp.send('Network.emulateNetworkConditions', { offline: false, latency: slow.latency, downloadThroughput: slow.bytesPerSecond, uploadThroughput: slow.bytesPerSecond });
	await cdp.send('Emulation.setCPUThrottlingRate', { rate: slow.cpu });
	/** @type {Map<string, string>} */
	const kinds = new Map();
	const bytes = { Script: 0, Stylesheet: 0, all: 0 };
	cdp.on('Network.responseReceived', ({ requestId, type }) => kinds.set(requestId, type));
	cdp.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
		const kind = kinds.get(requestId);
		bytes.all += encodedDataLength;
		if (kind === 'Script' || kind === 'Stylesheet') bytes[kind] += encodedDataLength;
	});
	await first.addInitScript(() => {
		const seen = { lcp: 0, cls: 0, blocked: 0 };
		Object.assign(window, { seen });
		/** @param {string} type @param {(entry: any) => void} note */
		const watch = (type, note) => new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true });
		watch('largest-contentful-paint', (entry) => (seen.lcp = entry.startTime));
		watch('layout-shift', (entry) => (seen.cls += entry.hadRecentInput ? 0 : entry.value));
		watch('longtask', (entry) => (seen.blocked += entry.duration - 50));
	});
	await first.goto(home);
	await first.locator('main h1[tabindex]').waitFor();
	await first.waitForTimeout(3_000);
	const seen = /** @type {{ lcp: number, cls: number, blocked: number }} */ (await first.evaluate('seen'));
	return { script_kb: bytes.Script / 1000, style_kb: bytes.Stylesheet / 1000, all_kb: bytes.all / 1000, lcp_ms: seen.lcp, blocked_ms: seen.blocked, cpu_ms: (await work()) / slow.cpu, shift: seen.cls, words_without_script: words };
}

/** @param {import('playwright-core').Browser} browser @param {string} link */
async function staff(browser, link) {
	const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
	const page = await context.newPage();
	// When the answer to the newest search is on screen.
	await page.addInitScript(() => {
		const ask = window.fetch;
		const shown = { search: '', at: 0 };
		Object.assign(window, { shown });
		window.fetch = async (...given) => {
			const answer = await ask(...given);
			const url = new URL(given[0] instanceof Request ? given[0].url : String(given[0]), location.href);
			if (url.pathname === '/api/staff/contacts' && url.searchParams.has('search')) {
				await answer.clone().text();
				requestAnimationFrame(() => requestAnimationFrame((at) => Object.assign(shown, { search: url.searchParams.get('search'), at })));
			}
			return answer;
		};
	});
	await page.goto(link);
	await page.locator('header h1').waitFor();
	await page.goto(new URL('/contacts', link).href);
	const grid = page.getByRole('grid');
	await page.locator('[role=row][aria-rowindex="2"] .name').waitFor();

	const cdp = await context.newCDPSession(page);
	const work = await worked(cdp);
	const before = await work();
	const { frames, rows } = await grid.evaluate(scroll, 10_000);
	const perFrame = ((await work()) - before) / frames.length;

	await grid.focus();
	const jump = await grid.evaluate(async (list) => {
		const last = list.getAttribute('aria-rowcount');
		const began = performance.now();
		list.dispatchEvent(new KeyboardEvent('keydown', { key: 'End', bubbles: true }));
		while (!list.querySelector(`[role=row][aria-rowindex="${last}"] .name`)) await new Promise(requestAnimationFrame);
		return performance.now() - began;
	});

	/** @type {number[]} */
	const keys = [];
	const box = page.getByRole('searchbox');
	const beforeKeys = await work();
	for (const word of ['weber', 'costa', 'rossi', 'young']) {
		for (let n = 1; n <= word.length; n += 1) {
			const asked = word.slice(0, n);
			const began = await page.evaluate('performance.now()');
			await box.press(word[n - 1] ?? '');
			await page.waitForFunction((search) => /** @type {any} */ (window).shown.search === search, asked);
			keys.push(/** @type {number} */ (await page.evaluate('shown.at')) - /** @type {number} */ (began));
		}
		await box.fill('');
		await page.waitForTimeout(300);
	}

	const keyWork = (await work()) - beforeKeys;
	await cdp.send('HeapProfiler.collectGarbage');
	const { usedSize } = await cdp.send('Runtime.getHeapUsage');
	// What this computer can do at this moment: a page with nothing but height.
	const bare = await context.newPage();
	await bare.setContent('<div id="list" style="height:600px;overflow:auto"><div style="height:3600000px"></div></div>');
	const still = (await bare.locator('#list').evaluate(scroll, 3_000)).frames;
	return { frame_cpu_ms: perFrame, bare_p95_ms: quantile(still, 0.95), bare_worst_ms: Math.max(...still), key_cpu_ms: keyWork / keys.length, frame_p95_ms: quantile(frames, 0.95), frame_worst_ms: Math.max(...frames), rows, jump_ms: jump, key_p95_ms: quantile(keys, 0.95), heap_mb: usedSize / 1e6 };
}

const [what, link] = process.argv.slice(2);
if ((what !== 'portal' && what !== 'staff') || !link) throw new Error('measure.mjs portal|staff <address>');
const browser = await chromium.launch({ executablePath: process.env.PORTICO_CHROMIUM, args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
try {
	process.stdout.write(`${JSON.stringify(await (what === 'portal' ? portal : staff)(browser, link))}\n`);
} finally {
	await browser.close();
}
