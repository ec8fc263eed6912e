/** The service worker keeps the shell and the last home; see public/sw.js. */
export function keepOffline(): void {
	if (!('serviceWorker' in navigator)) return;
	navigator.serviceWorker.register('/sw.js').catch(() => {
		// Private windows and plain http refuse it; the portal works without.
	});
}
