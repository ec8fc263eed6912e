import type { Page } from 'playwright-core';

/**
 * Collects what the browser complains about. A request that the server refused
 * as it should (4xx) is told by the browser as an error; tests that provoke one
 * take it out again with `expectRefusal`.
 */
export function watch(page: Page): string[] {
	const faults: string[] = [];
	page.on('pageerror', (error) => faults.push(`exception: ${error.message}`));
	page.on('console', (message) => {
		if (message.type() === 'error') faults.push(`${message.text()} (${message.location().url})`);
	});
	return faults;
}

/** Takes out the refusals that a test provoked; everything else stays a fault. */
export function expectRefusal(faults: string[], status: number, path: RegExp): void {
	const left = faults.filter((fault) => !(fault.includes(`status of ${status}`) && path.test(fault.replace(/^.* \(|\)$/g, ''))));
	faults.splice(0, faults.length, ...left);
}
