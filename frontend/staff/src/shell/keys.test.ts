import { describe, expect, it, vi } from 'vitest';
import { globalKeys } from './keys';

function make() {
	let time = 10_000;
	const verbs = { palette: vi.fn(), shortcuts: vi.fn(), newContact: vi.fn(), sidebar: vi.fn(), undo: vi.fn(), go: vi.fn() };
	const handle = globalKeys(verbs, () => time);
	const press = (key: string, more = {}) => {
		const event = { key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, defaultPrevented: false, target: null, preventDefault: vi.fn(), ...more };
		handle(event as unknown as KeyboardEvent);
		return event.preventDefault.mock.calls.length > 0;
	};
	return { verbs, press, wait: (ms: number) => (time += ms) };
}

describe('shortcuts', () => {
	it('work everywhere', () => {
		const { verbs, press } = make();
		expect([press('k', { ctrlKey: true }), press('?', { shiftKey: true }), press('c'), press('['), press('z', { metaKey: true }), press('q')]).toEqual([true, true, true, true, true, false]);
		for (const verb of [verbs.palette, verbs.shortcuts, verbs.newContact, verbs.sidebar, verbs.undo]) expect(verb).toHaveBeenCalledOnce();
	});
	it('leave typing alone, but for the palette', () => {
		const { verbs, press } = make();
		const target = { tagName: 'INPUT', type: 'text' };
		press('c', { target });
		press('k', { target, ctrlKey: true });
		expect([verbs.newContact.mock.calls.length, verbs.palette.mock.calls.length]).toEqual([0, 1]);
	});
	it('go with two keys, if the second comes soon', () => {
		const { verbs, press, wait } = make();
		press('g');
		press('o');
		expect(verbs.go).toHaveBeenCalledExactlyOnceWith('outbox');
		press('g');
		press('m');
		expect(verbs.go).toHaveBeenLastCalledWith('chat');
		press('g');
		wait(2_000);
		press('h');
		expect(verbs.go).toHaveBeenCalledTimes(2);
	});
	it('respect who came first', () => {
		const { verbs, press } = make();
		press('c', { defaultPrevented: true });
		expect(verbs.newContact).not.toHaveBeenCalled();
	});
});
