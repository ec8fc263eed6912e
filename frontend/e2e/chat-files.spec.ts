// Files in chat as clients send and see them: pictures, documents, voice notes.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { staffApi } from './factories/api';
import { bubble, chatOf, write } from './factories/talk';
import { accessible, phone, shot } from './factories/page';
import { startBrowser, startPortico, type Portico } from './factories/portico';

describe('files in chat', () => {
	let portico: Portico;
	let browser: Browser;
	let chat: ReturnType<typeof chatOf>;

	before(async () => {
		// A microphone that hums, so that there is something to record.
		[portico, browser] = await Promise.all([startPortico(), startBrowser(['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'])]);
		chat = chatOf(portico, browser, await staffApi(portico));
	});
	after(async () => {
		await browser?.close();
		await portico?.stop();
	});

	it('carries files, pictures and voice notes, also over a connection that breaks', async () => {
		const { contact, conversation } = await chat.client('Iris Holm');
		const one = await chat.opened(contact, { ...phone, colorScheme: 'light', permissions: ['microphone'] });
		const { page, context } = one;
		const files = page.locator('input[type=file][multiple]');
		const drawn = await page.evaluate(() => {
			const canvas = document.createElement('canvas');
			[canvas.width, canvas.height] = [640, 420];
			const pen = canvas.getContext('2d')!;
			for (let n = 0; n < 40; n += 1) {
				pen.fillStyle = `hsl(${90 + n * 3} 45% ${30 + n}%)`;
				pen.fillRect(n * 16, 0, 16, 420);
			}
			return canvas.toDataURL('image/png').split(',')[1]!;
		});
		await files.setInputFiles({ name: 'balcony.png', mimeType: 'image/png', buffer: Buffer.from(drawn, 'base64') });
		await page.getByText(/^[\d.]+ kB$/).waitFor();
		await shot(page, 'chat-carrying');
		await write(page, 'This is our balcony');
		await bubble(page, 'This is our balcony').getByText('Delivered').waitFor();
		await page.getByRole('button', { name: 'Open the picture balcony.png' }).click();
		await page.getByRole('dialog', { name: 'balcony.png' }).locator('img').evaluate((image: HTMLImageElement) => image.decode());
		await accessible(page, 'a picture in full');
		await shot(page, 'chat-lightbox');
		await page.keyboard.press('Escape');

		// A part of it arrives, then the connection is gone.
		let parts = 0;
		await page.route('**/uploads/*', async (route) => {
			if (route.request().method() === 'PATCH' && ++parts === 2) return route.abort('connectionfailed');
			await route.continue();
		});
		const plan = Buffer.from(Array.from({ length: 60_000 }, (_, n) => `Row ${n} of the planting plan for the garden.`).join('\n'));
		await files.setInputFiles({ name: 'planting-plan.txt', mimeType: 'text/plain', buffer: plan });
		await page.getByText(/^2\.\d MB$/).waitFor();
		assert.ok(parts >= 4, 'the broken part was sent again');
		await page.unroute('**/uploads/*');
		await page.getByRole('button', { name: 'Send' }).click();
		const link = page.getByRole('link', { name: /planting-plan.txt/ });
		await link.waitFor();
		const [saved] = await Promise.all([page.waitForEvent('download'), link.click()]);
		assert.equal(saved.suggestedFilename(), 'planting-plan.txt');

		await files.setInputFiles({ name: 'program.exe', mimeType: 'application/octet-stream', buffer: Buffer.from('MZ') });
		await page.getByText(/Files like “program.exe” cannot be sent here/).waitFor();
		await accessible(page, 'a file that is refused');
		await page.getByRole('button', { name: 'Remove program.exe' }).click();

		await page.getByRole('button', { name: 'Record a voice note' }).click();
		await page.getByText('0:01').waitFor();
		await shot(page, 'chat-recording');
		await page.getByRole('button', { name: 'Stop recording' }).click();
		await page.getByRole('button', { name: 'Remove Voice note.weba' }).waitFor();
		await page.locator('.carrying .done').waitFor();
		await page.getByRole('button', { name: 'Send' }).click();
		await page.locator('audio').waitFor();
		await page.locator('audio').evaluate((sound: HTMLAudioElement) => (sound.readyState > 0 ? undefined : new Promise((done, fail) => ((sound.onloadedmetadata = done), (sound.onerror = () => fail(new Error(String(sound.error?.message))))))));
		await accessible(page, 'chat with files');
		await shot(page, 'chat-files');
		assert.deepEqual((await chat.messages(conversation)).map(({ attachments }) => attachments.map(({ kind }) => kind).join()), ['image', 'file', 'audio']);
		await context.close();
	});
});
