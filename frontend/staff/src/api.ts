import { createClient } from '$kit/api/client';
import type { paths } from '$kit/api/types/staff';
import { i18n } from '$kit/i18n/catalogue.svelte';
import { Live, socketSource, windowSource } from '$kit/live/live';
import { connection } from './shell/connection.svelte';

/** The one client of the staff window. */
export const api = createClient<paths>({
	language: () => i18n.locale,
	onReach: (reached) => connection.reach(reached),
	onSignedOut: () => connection.end(),
});

export type Api = typeof api;

/** What changed elsewhere: Wails events inside the window, a WebSocket in a browser. */
export const live = new Live(window.runtime ? windowSource(window.runtime) : socketSource('/api/staff/live'));
