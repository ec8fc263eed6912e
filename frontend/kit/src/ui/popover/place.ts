export interface Box {
	top: number;
	left: number;
	width: number;
	height: number;
}

export type Side = 'bottom-start' | 'bottom-end' | 'top-start' | 'right-start';

const edge = 8;
const gap = 4;

/** Where a panel goes beside its anchor so that it stays in the viewport. */
export function place(anchor: Box, panel: { width: number; height: number }, view: { width: number; height: number }, side: Side, rtl = false): { top: number; left: number } {
	let top = anchor.top + anchor.height + gap;
	let left = anchor.left;
	const startsAtRight = (side === 'bottom-end') !== rtl;
	if (side === 'right-start') {
		top = anchor.top;
		left = rtl ? anchor.left - panel.width - gap : anchor.left + anchor.width + gap;
	} else if (startsAtRight) {
		left = anchor.left + anchor.width - panel.width;
	}
	const above = anchor.top - panel.height - gap;
	const below = side !== 'right-start' && side !== 'top-start' && top + panel.height > view.height - edge && above >= edge;
	if (side === 'top-start' ? above >= edge : below) top = above;
	return {
		top: Math.max(edge, Math.min(top, view.height - panel.height - edge)),
		left: Math.max(edge, Math.min(left, view.width - panel.width - edge)),
	};
}

/** Puts a fixed panel beside its anchor, now. */
export function attachTo(panel: HTMLElement, anchor: Element | Box, side: Side): void {
	const box = anchor instanceof Element ? anchor.getBoundingClientRect() : anchor;
	const rtl = getComputedStyle(panel).direction === 'rtl';
	const view = { width: document.documentElement.clientWidth, height: document.documentElement.clientHeight };
	const { top, left } = place(box, { width: panel.offsetWidth, height: panel.offsetHeight }, view, side, rtl);
	panel.style.top = `${top}px`;
	panel.style.left = `${left}px`;
}
