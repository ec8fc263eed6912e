import { describe, expect, it, vi } from 'vitest';
import { Install } from './install.svelte';

function device({ standalone = false, userAgent = 'Chrome', maxTouchPoints = 0 } = {}) {
	const listeners = new Map<string, (event: Event) => void>();
	return {
		fire: (type: string, event: object) => listeners.get(type)?.(event as Event),
		heard: () => [...listeners.keys()],
		matchMedia: () => ({ matches: standalone }),
		addEventListener: (type: string, listener: (event: Event) => void) => void listeners.set(type, listener),
		navigator: { userAgent, maxTouchPoints },
	};
}

const question = () => ({ preventDefault: vi.fn(), prompt: vi.fn(async () => {}), userChoice: Promise.resolve({ outcome: 'dismissed' }) });

describe('installing', () => {
	it('is offered when the browser can, and asked once', async () => {
		const page = device();
		const install = new Install(page);
		expect(install.way).toBe('no');
		const event = question();
		page.fire('beforeinstallprompt', event);
		expect(event.preventDefault).toHaveBeenCalled();
		expect(install.way).toBe('prompt');
		await install.ask();
		await install.ask();
		expect(event.prompt).toHaveBeenCalledTimes(1);
		expect(install.way).toBe('no');
	});

	it('is over once installed', () => {
		const page = device();
		const install = new Install(page);
		page.fire('beforeinstallprompt', question());
		page.fire('appinstalled', {});
		expect(install.way).toBe('no');
	});

	it('is not offered inside the installed app', () => {
		const page = device({ standalone: true, userAgent: 'iPhone' });
		expect(new Install(page).way).toBe('no');
		expect(page.heard()).toEqual([]);
	});

	it.each([
		['an iPhone', { userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X)' }, 'ios'],
		['an iPad, which calls itself a Mac', { userAgent: 'Mozilla/5.0 (Macintosh; Intel Mac OS X)', maxTouchPoints: 5 }, 'ios'],
		['a Mac', { userAgent: 'Mozilla/5.0 (Macintosh; Intel Mac OS X)' }, 'no'],
	])('knows %s', (_, what, way) => expect(new Install(device(what)).way).toBe(way));
});
