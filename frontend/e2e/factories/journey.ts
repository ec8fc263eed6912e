import { it } from 'node:test';
import type { Page } from 'playwright-core';
import { shot } from './page';

/**
 * Steps that stand on each other: after one that failed, the rest fail at once
 * and say why. `pages` are kept as pictures (shots/failed-…) when one fails.
 */
export function journey(pages: () => (Page | undefined)[] = () => []): (name: string, run: () => Promise<void> | void) => void {
	let broken = '';
	return (name, run) => {
		void it(name, async () => {
			if (broken) throw new Error(`not tried, because this failed: ${broken}`);
			try {
				await run();
			} catch (thrown) {
				broken = name;
				for (const [i, page] of pages().entries()) if (page && !page.isClosed()) await shot(page, `failed-${i + 1}`).catch(() => undefined);
				throw thrown;
			}
		});
	};
}
