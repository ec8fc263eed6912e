/** A mail's HTML with its styles taken out: attributes renamed, style elements collected. */
export function splitStyles(html: string): { html: string; css: string } {
	const css: string[] = [];
	const bare = html.replace(/<style\b[^>]*>([\s\S]*?)<\/style>/gi, (_, rules: string) => (css.push(rules), ''));
	return { html: bare.replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\sstyle\s*=/i, ' data-style=')), css: css.join('\n') };
}

/**
 * Shows a mail in a frame without scripts. The page's policy forbids style
 * attributes and elements, and the frame inherits it; so the styles are taken
 * out of the markup and set through the CSSOM, which is allowed.
 */
export function fillFrame(frame: HTMLIFrameElement, mailHtml: string): void {
	const target = frame.contentDocument;
	const view = frame.contentWindow as (Window & typeof globalThis) | null;
	if (!target || !view) return;
	const { html, css } = splitStyles(mailHtml);
	const mail = new DOMParser().parseFromString(html, 'text/html');
	mail.querySelectorAll('script, link, meta, base, object, embed, iframe').forEach((node) => node.remove());
	target.body.replaceWith(target.adoptNode(mail.body));
	for (const node of [target.body, ...target.body.querySelectorAll<HTMLElement>('[data-style]')]) node.style.cssText = node.dataset.style ?? '';
	const sheet = new view.CSSStyleSheet();
	sheet.replaceSync(`${css}\nbody { cursor: default; } a { pointer-events: none; }`);
	target.adoptedStyleSheets = [sheet];
	frame.style.height = `${target.documentElement.scrollHeight}px`;
}
