import { setTimeout as pause } from 'node:timers/promises';

const deadline = 30_000;

/** Waits until `ask` answers with something, and returns it; for what no browser can wait for. */
export async function until<Found>(what: string, ask: () => Promise<Found> | Found): Promise<NonNullable<Found>> {
	const end = Date.now() + deadline;
	for (;;) {
		const found = await ask();
		if (found) return found;
		if (Date.now() > end) throw new Error(`Waited ${deadline / 1000} s in vain: ${what}`);
		await pause(50);
	}
}
