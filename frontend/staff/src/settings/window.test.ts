import { describe, expect, it, vi } from 'vitest';
import { Toasts } from '$kit/ui/toast/toasts.svelte';
import { native } from '$staff/shell/native';
import { WindowSettings } from './window.svelte';

const known = { portal: 'http://127.0.0.1:8420', note: '', data: '/data', autostart: false, on_close: '' as const };

function make(change: Partial<ConstructorParameters<typeof WindowSettings>[0]> = {}) {
	const calls: unknown[] = [];
	const note = (name: string) => async (value: unknown) => void calls.push([name, value]);
	const verbs = { ServerState: async () => known, SetAutostart: note('autostart'), SetOnClose: note('close'), OpenFolder: note('open'), ...change };
	const toasts = new Toasts();
	return { calls, toasts, settings: new WindowSettings(verbs, toasts) };
}
const refuse = () => Promise.reject('The system refused.');

describe('the settings of the window', () => {
	it('are not there in a browser', () => {
		vi.stubGlobal('window', {});
		expect(native()).toBeUndefined();
	});
	it('are shown and changed', async () => {
		const { settings, calls } = make();
		await settings.setAutostart(true);
		expect(calls).toEqual([]);
		await settings.load();
		await settings.setAutostart(true);
		await settings.setOnClose('quit');
		await settings.openData();
		expect(settings.state).toEqual({ ...known, autostart: true, on_close: 'quit' });
		expect(calls).toEqual([
			['autostart', true],
			['close', 'quit'],
			['open', ''],
		]);
	});
	it('go back with the sentence of the system when it refuses', async () => {
		const { settings, toasts } = make({ SetAutostart: refuse, OpenFolder: refuse });
		await settings.load();
		await settings.setAutostart(true);
		await settings.openData();
		expect([settings.state?.autostart, toasts.items.map((one) => one.text)]).toEqual([false, ['The system refused.', 'The system refused.']]);
	});
	it('say when the window does not answer', async () => {
		const { settings, toasts } = make({ ServerState: refuse });
		await settings.load();
		expect([settings.state, toasts.items.length]).toEqual([undefined, 1]);
	});
});
