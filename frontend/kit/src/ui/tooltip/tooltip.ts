import type { Attachment } from 'svelte/attachments';
import { attachTo } from '../popover/place';
import './tooltip.css';

const delay = 450;

/** Shows words beside an element while it is pointed at or focused by keyboard. */
export function tooltip(text: () => string | undefined): Attachment<HTMLElement> {
	return (node) => {
		let timer: ReturnType<typeof setTimeout> | undefined;
		let bubble: HTMLElement | undefined;
		const show = () => {
			const words = text();
			if (!words || bubble) return;
			bubble = document.createElement('div');
			bubble.className = 'k-tooltip';
			bubble.popover = 'manual';
			bubble.setAttribute('aria-hidden', 'true');
			bubble.textContent = words;
			document.body.append(bubble);
			bubble.showPopover();
			attachTo(bubble, node, 'bottom-start');
		};
		const later = () => {
			clearTimeout(timer);
			timer = setTimeout(show, delay);
		};
		const hide = () => {
			clearTimeout(timer);
			bubble?.remove();
			bubble = undefined;
		};
		const focus = () => node.matches(':focus-visible') && later();
		node.addEventListener('pointerenter', later);
		node.addEventListener('pointerleave', hide);
		node.addEventListener('pointerdown', hide);
		node.addEventListener('focus', focus);
		node.addEventListener('blur', hide);
		node.addEventListener('keydown', hide);
		return () => {
			hide();
			for (const [name, handler] of [['pointerenter', later], ['pointerleave', hide], ['pointerdown', hide], ['focus', focus], ['blur', hide], ['keydown', hide]] as const) node.removeEventListener(name, handler);
		};
	};
}
