// The house's own lint rules for Svelte files.

const spoken = new Set(['title', 'placeholder', 'alt', 'label', 'aria-label', 'aria-description', 'aria-roledescription']);
const hasWord = /\p{L}{2,}/u;

/** `style="…"` becomes a style attribute, which the CSP forbids; `style:name={…}` goes through the CSSOM. */
const noStyleAttribute = {
	meta: { type: 'problem', messages: { found: 'No style attribute: use a class or the style: directive with a value in braces.' } },
	create: (context) => ({
		SvelteAttribute(node) {
			if (node.key.name === 'style') context.report({ node, messageId: 'found' });
		},
		SvelteStyleDirective(node) {
			const fixed = Array.isArray(node.value) && node.value.length > 0 && node.value.every((part) => part.type === 'SvelteLiteral');
			if (fixed) context.report({ node, messageId: 'found' });
		},
	}),
};

/** Words a person sees or hears come from the message catalogue. */
const noPlainWords = {
	meta: { type: 'problem', messages: { found: 'Visible words come from the message catalogue (t("…")).' } },
	create: (context) => {
		const report = (node, text) => {
			if (hasWord.test(text)) context.report({ node, messageId: 'found' });
		};
		return {
			SvelteText(node) {
				const inCode = node.parent?.type === 'SvelteStyleElement' || node.parent?.type === 'SvelteScriptElement';
				if (!inCode) report(node, node.value);
			},
			SvelteAttribute(node) {
				if (!spoken.has(node.key.name)) return;
				for (const part of node.value) if (part.type === 'SvelteLiteral') report(part, part.value);
			},
		};
	},
};

export default { rules: { 'no-style-attribute': noStyleAttribute, 'no-plain-words': noPlainWords } };
