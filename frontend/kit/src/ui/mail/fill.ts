/**
 * Shows a mail's HTML in a frame without scripts. The page's policy forbids
 * style attributes and elements, and a frame inherits it; so the styles are
 * taken out of the markup and set through the CSSOM, which is allowed.
 */
export function fillFrame(frame: HTMLIFrameElement, html: string): void {
	const target = frame.contentDocument;
	const view = frame.contentWindow as (Window & typeof globalThis) | null;
	if (!target || !view) return;
	const mail = new DOMParser().parseFromString(html, 'text/html');
	mail.querySelectorAll('script, link, meta, base, object, embed, iframe').forEach((node) => node.remove());
	const css = [...mail.querySelectorAll('style')].map((node) => (node.remove(), node.textContent ?? ''));
	const styles = new Map<Element, string>();
	for (const node of mail.querySelectorAll('[style]')) {
		styles.set(node, node.getAttribute('style') ?? '');
		node.removeAttribute('style');
	}
	const body = target.adoptNode(mail.body);
	target.body.replaceWith(body);
	for (const [node, style] of styles) (node as HTMLElement).style.cssText = style;
	const sheet = new view.CSSStyleSheet();
	sheet.replaceSync(`${css.join('\n')}\nbody { cursor: default; } a { pointer-events: none; }`);
	target.adoptedStyleSheets = [sheet];
	frame.style.height = `${target.documentElement.scrollHeight}px`;
}
