import type { Attachment } from 'svelte/attachments';

/** Lets a textarea grow with its text where the browser does not do so by itself. */
export function autosize(text: () => string): Attachment<HTMLTextAreaElement> {
	return (node) => {
		if (CSS.supports('field-sizing', 'content')) return;
		text();
		node.style.blockSize = 'auto';
		node.style.blockSize = `${node.scrollHeight + node.offsetHeight - node.clientHeight}px`;
	};
}
