import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { watch } from './faults';

const browserFlags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** A running Portico on a fresh data folder, with the addresses it printed. */
export interface Portico {
	portal: string;
	staff: string;
	staffLink: string;
	data: string;
	/** Runs another command of the program on the same data. */
	run(...args: string[]): Promise<string>;
	/** Ends the program; its data stays. */
	end(): Promise<void>;
	/** Ends the program, if it still runs, and throws its data away. */
	stop(): Promise<void>;
}

function need(name: string): string {
	const value = process.env[name];
	if (!value) throw new Error(`${name} is not set; run the suite with \`go run ./build/task e2e\``);
	return value;
}

/** Starts the real program in serve mode; `env` is added to its environment, `flags` say where the portal listens. */
export async function startPortico(env: Record<string, string> = {}, flags = ['--listen', '127.0.0.1:0']): Promise<Portico> {
	const data = await mkdtemp(join(tmpdir(), 'portico-data-'));
	const own = ['--data', data, '--secrets', join(data, 'secrets')];
	const server = spawn(need('PORTICO_BIN'), ['serve', ...own, ...flags, '--staff', '127.0.0.1:0', '--json'], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env } });
	const line = await firstLine(server);
	const { portal, staff, staff_link: staffLink } = JSON.parse(line) as { portal: string; staff: string; staff_link: string };
	const end = async () => {
		if (server.exitCode !== null || server.signalCode !== null) return;
		const ended = new Promise((done) => server.once('exit', done));
		server.kill('SIGTERM');
		await ended;
	};
	return {
		portal,
		staff,
		staffLink,
		data,
		run: (...args) => output(need('PORTICO_BIN'), [...args, ...own]),
		end,
		async stop() {
			await end();
			await rm(data, { recursive: true, force: true });
		},
	};
}

async function firstLine(server: ChildProcess): Promise<string> {
	const lines = createInterface({ input: server.stdout! });
	for await (const line of lines) return line;
	throw new Error('Portico ended before it was ready');
}

function output(program: string, args: string[]): Promise<string> {
	return new Promise((done, fail) => {
		const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
		let said = '';
		child.stdout.on('data', (part: Buffer) => (said += part.toString()));
		child.once('exit', (code) => (code === 0 ? done(said) : fail(new Error(`${args[0]} ended with ${code}`))));
	});
}

export function startBrowser(flags: string[] = []): Promise<Browser> {
	return chromium.launch({ executablePath: process.env.PORTICO_CHROMIUM || '/usr/bin/chromium', args: [...browserFlags, ...flags] });
}

/** A page that is signed in as staff; `faults` collects what the browser complained about. */
export async function staffPage(browser: Browser, portico: Portico, options: Parameters<Browser['newContext']>[0] = {}): Promise<{ page: Page; context: BrowserContext; faults: string[] }> {
	const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', ...options });
	const page = await context.newPage();
	const faults = watch(page);
	await page.goto((await portico.run("staff-link")).trim());
	await page.waitForSelector('header h1');
	return { page, context, faults };
}

const axe = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds wrong with the page as it stands; the policy of the page is not loosened for it. */
export async function violations(page: Page): Promise<string[]> {
	const session = await page.context().newCDPSession(page);
	await session.send('Runtime.evaluate', { expression: await axe });
	const expression = `axe.run().then((r) => r.violations.flatMap((v) => v.nodes.map((n) => v.id + ': ' + n.html.slice(0, 160))))`;
	const { result } = await session.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
	await session.detach();
	return result.value as string[];
}
