import { createSubscriber } from 'svelte/reactivity';

const tick = 30_000;

/** The present time for everything on screen; one timer, and none when nothing looks. */
class Clock {
	#subscribe = createSubscriber((update) => {
		const timer = setInterval(update, tick);
		return () => clearInterval(timer);
	});

	get now(): number {
		this.#subscribe();
		return Date.now();
	}
}

export const clock = new Clock();
