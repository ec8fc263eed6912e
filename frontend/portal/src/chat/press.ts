import type { Attachment } from 'svelte/attachments';

const long = 450;
const slack = 10;
const far = 56;

export interface PressOptions {
	/** A long press, where the finger was. */
	onpress(point: { x: number; y: number }): void;
	/** Pulled towards the end of the line and let go. */
	onpull?(): void;
	/** How far it is pulled now, in px towards the end of the line. */
	onmove(distance: number): void;
}

/** Long press and pull with a finger; mice and pens are left alone. */
export function press({ onpress, onpull, onmove }: PressOptions): Attachment<HTMLElement> {
	return (node) => {
		let start: { x: number; y: number } | undefined;
		let timer: ReturnType<typeof setTimeout> | undefined;
		let pulled = 0;
		const end = () => {
			clearTimeout(timer);
			start = undefined;
			if (pulled) onmove((pulled = 0));
		};
		const down = (event: PointerEvent) => {
			if (event.pointerType !== 'touch' || !event.isPrimary || (event.target as Element).closest('button, a, audio')) return;
			const point = (start = { x: event.clientX, y: event.clientY });
			timer = setTimeout(() => (end(), onpress(point)), long);
		};
		const move = (event: PointerEvent) => {
			if (!start) return;
			const sign = getComputedStyle(node).direction === 'rtl' ? -1 : 1;
			const [x, y] = [(event.clientX - start.x) * sign, Math.abs(event.clientY - start.y)];
			if (Math.abs(x) > slack || y > slack) clearTimeout(timer);
			if (!onpull || y > Math.max(slack, Math.abs(x))) return;
			pulled = Math.max(0, Math.min(x - slack, far * 1.25));
			onmove(pulled);
		};
		const up = () => {
			if (pulled >= far) onpull?.();
			end();
		};
		const handlers = [['pointerdown', down], ['pointermove', move], ['pointerup', up], ['pointercancel', end]] as const;
		for (const [name, handler] of handlers) node.addEventListener(name, handler as EventListener);
		return () => {
			end();
			for (const [name, handler] of handlers) node.removeEventListener(name, handler as EventListener);
		};
	};
}
