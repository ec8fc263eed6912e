import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Toasts } from './toasts.svelte';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('toasts', () => {
	it('go by themselves: with undo after ten seconds', () => {
		const toasts = new Toasts();
		toasts.show({ text: 'Saved' });
		toasts.show({ text: 'Deleted', undo: vi.fn() });
		vi.advanceTimersByTime(5_000);
		expect(toasts.items.map((toast) => toast.text)).toEqual(['Deleted']);
		vi.advanceTimersByTime(5_000);
		expect(toasts.items).toEqual([]);
	});
	it('stay while pointed at', () => {
		const toasts = new Toasts();
		const id = toasts.error('No');
		toasts.pause(id);
		vi.advanceTimersByTime(60_000);
		expect(toasts.items).toHaveLength(1);
		toasts.resume(id);
		vi.advanceTimersByTime(10_000);
		expect(toasts.items).toEqual([]);
		toasts.resume(id);
	});
	it('undo once', async () => {
		const toasts = new Toasts();
		const undo = vi.fn();
		const id = toasts.show({ text: 'Deleted', undo });
		await toasts.undo(id);
		await toasts.undo(id);
		expect(undo).toHaveBeenCalledOnce();
		expect(await toasts.undoLast()).toBe(false);
		toasts.show({ text: 'Again', undo });
		toasts.show({ text: 'Saved' });
		expect(await toasts.undoLast()).toBe(true);
		expect(undo).toHaveBeenCalledTimes(2);
	});
	it('shows at most three', () => {
		const toasts = new Toasts();
		for (const text of ['1', '2', '3', '4']) toasts.show({ text });
		expect(toasts.items.map((toast) => toast.text)).toEqual(['2', '3', '4']);
	});
});
