import type { Attachment } from 'svelte/attachments';

const allowed = new Set(['P', 'BR', 'STRONG', 'EM', 'DEL', 'CODE', 'PRE', 'BLOCKQUOTE', 'UL', 'OL', 'LI', 'A']);
const schemes = new Set(['http:', 'https:', 'mailto:']);

/**
 * Copies what may be shown of a node and leaves the rest out; text always stays.
 * The server sends safe HTML: this is the second wall.
 */
export function copySafe(from: Node, to: Element, document: Document): void {
	for (const node of from.childNodes) {
		if (node.nodeType === 3) {
			to.append(node.nodeValue ?? '');
			continue;
		}
		if (node.nodeType !== 1) continue;
		const element = node as Element;
		if (!allowed.has(element.tagName)) {
			if (element.tagName !== 'SCRIPT' && element.tagName !== 'STYLE') copySafe(element, to, document);
			continue;
		}
		const copy = document.createElement(element.tagName);
		if (element.tagName === 'A') address(element, copy as HTMLAnchorElement);
		if (element.tagName === 'OL' && /^\d{1,9}$/.test(element.getAttribute('start') ?? '')) copy.setAttribute('start', element.getAttribute('start')!);
		copySafe(element, copy, document);
		to.append(copy);
	}
}

function address(from: Element, to: HTMLAnchorElement): void {
	const href = from.getAttribute('href') ?? '';
	if (!URL.canParse(href) || !schemes.has(new URL(href).protocol)) return;
	to.href = href;
	to.target = '_blank';
	to.rel = 'noopener noreferrer nofollow';
}

/** Shows formatted text that the server made. */
export function rich(html: string): Attachment<HTMLElement> {
	return (node) => {
		const parsed = new DOMParser().parseFromString(html, 'text/html');
		node.replaceChildren();
		copySafe(parsed.body, node, document);
	};
}
