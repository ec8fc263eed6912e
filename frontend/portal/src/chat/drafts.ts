import type { Drafts } from '$kit/forms/form.svelte';

/** Unsent text outlives the app, which a phone ends whenever it likes; it goes when the client signs out. */
export const drafts: Drafts = {
	getItem: (key) => quietly(() => localStorage.getItem(key)) ?? null,
	setItem: (key, value) => void quietly(() => localStorage.setItem(key, value)),
	removeItem: (key) => void quietly(() => localStorage.removeItem(key)),
};

/** Storage may be forbidden or full; a draft is a convenience. */
function quietly<Answer>(act: () => Answer): Answer | undefined {
	try {
		return act();
	} catch {
		return undefined;
	}
}
