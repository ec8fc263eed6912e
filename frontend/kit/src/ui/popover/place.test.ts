import { describe, expect, it } from 'vitest';
import { place } from './place';

const view = { width: 1000, height: 600 };
const panel = { width: 200, height: 100 };
const at = (left: number, top: number) => ({ left, top, width: 80, height: 30 });

describe('place', () => {
	it.each([
		['below, starts together', at(100, 100), 'bottom-start', false, { top: 134, left: 100 }],
		['below, ends together', at(500, 100), 'bottom-end', false, { top: 134, left: 380 }],
		['mirrors in RTL', at(500, 100), 'bottom-start', true, { top: 134, left: 380 }],
		['above when there is no room below', at(100, 560), 'bottom-start', false, { top: 456, left: 100 }],
		['above on request', at(100, 300), 'top-start', false, { top: 196, left: 100 }],
		['below after all when there is no room above', at(100, 20), 'top-start', false, { top: 54, left: 100 }],
		['beside', at(100, 100), 'right-start', false, { top: 100, left: 184 }],
		['on the other side in RTL', at(500, 100), 'right-start', true, { top: 100, left: 296 }],
		['never outside', at(950, 100), 'bottom-start', false, { top: 134, left: 792 }],
	] as const)('%s', (_, anchor, side, rtl, wanted) => {
		expect(place(anchor, panel, view, side, rtl)).toEqual(wanted);
	});
});
