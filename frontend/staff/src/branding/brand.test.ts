import { describe, expect, it } from 'vitest';
import { Toasts } from '$kit/ui/toast/toasts.svelte';
import { fakeApi, Refusal } from '$staff/testing';
import { BrandState, safeColour } from './brand.svelte';

const lindenhof = { name: 'Lindenhof', description: '', accent: '#0f766e', accent_2: '', support_email: '', copyright: '', version: 7, logo_url: null };

function make(answers: Record<string, unknown>) {
	const toasts = new Toasts();
	const server = fakeApi({ 'GET /branding': lindenhof, ...answers });
	return { ...server, toasts, brand: new BrandState(server.api, toasts) };
}

const file = (type = 'image/png', size = 3) => ({ type, size, arrayBuffer: async () => new Uint8Array([1]).buffer }) as unknown as File;

describe('the brand', () => {
	it('is saved and shown everywhere', async () => {
		const { brand } = make({ 'PUT /branding': ({ body }: { body: object }) => ({ ...lindenhof, ...body, version: 8 }) });
		expect(await brand.save()).toBe(false);
		await brand.load();
		brand.form!.values.name = 'Mühle';
		expect(await brand.save()).toBe(true);
		expect([brand.value?.name, brand.value?.version, brand.form!.dirty]).toEqual(['Mühle', 8, false]);
	});
	it('keeps what is typed when it changes elsewhere', async () => {
		const { brand } = make({});
		await brand.load();
		brand.form!.values.name = 'Mü';
		await brand.load();
		expect(brand.form!.values.name).toBe('Mü');
	});
	it('asks for colours that exist', async () => {
		const { brand, sent } = make({});
		await brand.load();
		brand.form!.values.accent = 'teal';
		expect(await brand.save()).toBe(false);
		expect([brand.form!.error('accent') !== undefined, sent.length]).toEqual([true, 1]);
		expect([safeColour('teal'), safeColour('#0F766e')]).toEqual(['#000000', '#0F766e']);
	});
	it('takes pictures as bytes and refuses others', async () => {
		const { brand, calls, toasts } = make({ 'PUT /branding/images/logo': { ...lindenhof, logo_url: '/logo' }, 'DELETE /branding/images/logo': lindenhof });
		await brand.setImage('logo', file());
		expect(brand.value?.logo_url).toBe('/logo');
		await brand.removeImage('logo');
		expect(brand.value?.logo_url).toBeNull();
		await brand.setImage('logo', file('image/svg+xml'));
		await brand.setImage('logo', file('image/png', 6_000_000));
		expect([toasts.items.length, calls('PUT', '/branding/images/logo').length]).toEqual([2, 1]);
	});
	it('says what went wrong', async () => {
		const { brand, toasts } = make({ 'GET /branding': undefined, 'PUT /branding/images/icon': new Refusal(415, { detail: 'Not a picture.' }) });
		await brand.load();
		await brand.setImage('icon', file());
		expect([brand.error?.offline, toasts.items[0]?.text]).toEqual([true, 'Not a picture.']);
	});
});
