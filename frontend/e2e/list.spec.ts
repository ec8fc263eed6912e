// The list of contacts by keyboard, as somebody uses it who has many of them.
import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { addContact, staffApi, type StaffApi } from './factories/api';
import { journey } from './factories/journey';
import { accessible, shot } from './factories/page';
import { picture } from './factories/picture';
import { startBrowser, startPortico, staffPage, type Portico } from './factories/portico';
import { until } from './factories/until';

const people = ['Ana Petrović', 'Ben Adler', 'Clara Dubois', 'Deniz Kaya', 'Emil Nowak', 'Freya Olsen', 'Gustav Lindqvist', 'Hana Novák', 'Ivo Marić', 'Jonas Weber'];

describe('the list of contacts', () => {
	let portico: Portico;
	let browser: Browser;
	let api: StaffApi;
	let page: Page;
	let faults: string[];

	before(async () => {
		[portico, browser] = await Promise.all([startPortico(), startBrowser()]);
		api = await staffApi(portico);
		for (const [i, name] of people.entries()) await addContact(api, name, `person${i}@example.test`, i < 2 ? ['VIP'] : []);
		({ page, faults } = await staffPage(browser, portico));
		await page.goto(`${portico.staff}/contacts`);
		await row('Jonas Weber').waitFor();
	});
	after(async () => {
		await browser?.close();
		await portico?.stop();
	});

	const it = journey(() => [page]);
	const row = (text: string) => page.getByRole('row', { name: new RegExp(text) });
	const grid = () => page.getByRole('grid');
	const selected = (count: number) => page.getByRole('toolbar').getByText(`${count} selected`);

	it('is searched with /, in any case and without accents', async () => {
		await grid().press('/');
		await page.keyboard.type('PETROVIC');
		await row('Ben Adler').waitFor({ state: 'detached' });
		await row('Ana Petrović').waitFor();
		await page.getByRole('searchbox').fill('');
		await row('Jonas Weber').waitFor();
	});

	it('says so when it shows what is only close to what was typed', async () => {
		await page.getByRole('searchbox').fill('linqvist');
		await page.getByText('Nothing is spelled exactly like that').waitFor();
		await row('Gustav Lindqvist').waitFor();
		await shot(page, 'list-2-typo');
		await page.getByRole('searchbox').fill('zzzzzz');
		await page.getByRole('heading', { name: 'Nobody matches' }).waitFor();
		await page.getByRole('button', { name: 'Clear all filters' }).click();
		await row('Jonas Weber').waitFor();
	});

	it('selects with x and a range with shift, and tags them all', async () => {
		await grid().focus();
		await page.keyboard.press('Home');
		await page.keyboard.press('ArrowDown');
		await page.keyboard.press('x');
		await selected(1).waitFor();
		for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowDown');
		await page.keyboard.press('Shift+X');
		await selected(4).waitFor();
		await accessible(page, 'a selection');
		await page.getByRole('toolbar').getByRole('button', { name: 'Add tag' }).click();
		await page.getByRole('combobox', { name: 'Tag', exact: true }).fill('Spring');
		await page.keyboard.press('Enter');
		await shot(page, 'list-3-tagging');
		await page.getByRole('button', { name: 'Add tag' }).last().click();
		await page.getByText('4 contacts tagged “Spring”').waitFor();
		await row('Ben Adler').getByText('Spring').waitFor();
		const { count } = await api.get<{ count: number }>('/api/staff/contacts/count?tag=Spring');
		assert.equal(count, 4);
		await grid().press('Escape');
		await selected(4).waitFor({ state: 'detached' });
	});

	it('filters by tag, and keeps the filter as a view', async () => {
		await page.getByRole('button', { name: 'Tags' }).first().click();
		await page.getByRole('checkbox', { name: 'Spring' }).click();
		await page.keyboard.press('Escape');
		await row('Jonas Weber').waitFor({ state: 'detached' });
		await page.getByText('4 contacts', { exact: true }).waitFor();

		await page.getByRole('button', { name: 'Views' }).click();
		await page.getByRole('menuitem', { name: 'Save this view…' }).click();
		await page.getByLabel('Name of the view').fill('Spring planting');
		await page.keyboard.press('Enter');
		await page.getByText('The view “Spring planting” is saved').waitFor();
		await shot(page, 'list-4-view');

		await page.locator('button.chip', { hasText: 'Spring' }).click();
		await row('Jonas Weber').waitFor();
		await page.getByRole('button', { name: 'Views' }).click();
		await page.getByRole('menuitem', { name: 'Spring planting' }).click();
		await row('Jonas Weber').waitFor({ state: 'detached' });
		await page.locator('button.chip', { hasText: 'Spring' }).click();
		await row('Jonas Weber').waitFor();
	});

	it('deletes at once, and takes it back', async () => {
		await row('Emil Nowak').locator('.hit').click();
		await row('Freya Olsen').locator('.hit').click();
		await grid().press('Delete');
		await page.getByText('2 contacts deleted').waitFor();
		await row('Emil Nowak').waitFor({ state: 'detached' });
		await shot(page, 'list-5-deleted');
		await page.getByRole('button', { name: 'Undo' }).last().click();
		await row('Emil Nowak').waitFor();
		await row('Freya Olsen').waitFor();
	});

	it('sorts by the heads of its columns', async () => {
		await page.getByRole('button', { name: 'Sort by Name' }).click();
		await page.locator('[role=row][aria-rowindex="2"]', { hasText: 'Jonas Weber' }).waitFor();
		await page.getByRole('button', { name: 'Sort by Name' }).click();
		await page.locator('[role=row][aria-rowindex="2"]', { hasText: 'Ana Petrović' }).waitFor();
	});

	it('is left and entered again by the palette, which also finds what to do', async () => {
		await page.keyboard.press('Control+k');
		await accessible(page, 'the palette');
		await shot(page, 'list-7-palette');
		await page.keyboard.type('branding');
		await page.getByRole('option', { name: /Branding/ }).waitFor();
		await page.keyboard.press('Enter');
		await page.waitForURL(/\/portal\/branding/);
		await page.keyboard.press('Control+k');
		await page.keyboard.type('hana nov');
		await page.getByRole('option', { name: /Hana Novák/ }).waitFor();
		await page.keyboard.press('Enter');
		await page.waitForURL(/\/contacts\/ct_/);
	});

	it('opens a contact with everything about them: fields, a picture, what happened', async () => {
		await page.getByLabel('Company').fill('Novák & Daughters');
		await page.getByRole('button', { name: 'Save changes' }).click();
		await page.getByRole('button', { name: 'Save changes' }).waitFor({ state: 'detached' });
		await page.locator('input[type=file]').setInputFiles(picture('hana.png', 320, 320, [180, 120, 60]));
		await page.locator('.head img').first().waitFor();
		await page.getByText('Novák & Daughters').first().waitFor();
		await page.locator('ol.timeline li').nth(1).waitFor();
		await accessible(page, 'a contact');
		await shot(page, 'list-8-contact');
		await page.getByRole('tab', { name: 'Notes' }).click();
		await page.getByLabel('Write a note').fill('Prefers calls after four.');
		await page.getByLabel('Write a note').press('Control+Enter');
		await page.locator('.note', { hasText: 'Prefers calls after four.' }).waitFor();
		await page.getByRole('tab', { name: 'Activity' }).click();
		await page.locator('ol.timeline').getByText(/note/i).first().waitFor();
		await page.getByRole('tab', { name: 'Portal access' }).click();
		await page.getByText('Not signed in anywhere.').waitFor();
		await accessible(page, 'the access of a contact');
		await shot(page, 'list-8-access');
	});

	it('refuses a picture that is none, and says so', async () => {
		await page.locator('input[type=file]').setInputFiles({ name: 'letter.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4') });
		await page.getByText('Choose a PNG, JPEG or WebP picture under 5 MB.').waitFor();
	});

	it('shows a change made elsewhere by itself', async () => {
		await page.goto(`${portico.staff}/contacts`);
		await row('Jonas Weber').waitFor();
		await addContact(api, 'Zoe Zimmer', 'zoe@example.test');
		await row('Zoe Zimmer').waitFor();
		await until('the count follows', () => page.getByText(`${people.length + 1} contacts`, { exact: true }).isVisible());
	});

	it('troubles no browser', () => assert.deepEqual(faults, []));
});
