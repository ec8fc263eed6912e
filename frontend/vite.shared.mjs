// @ts-check
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';

/** @param {string} path */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** The import names both faces and the tests use. */
export const alias = {
	$kit: here('./kit/src'),
	$staff: here('./staff/src'),
	$portal: here('./portal/src'),
	$messages: here('./messages'),
};

export const faces = /** @type {const} */ (['staff', 'portal']);

/**
 * One bundle per face: the portal must not carry what only staff needs.
 * @param {typeof faces[number]} name
 * @returns {import('vite').InlineConfig}
 */
export function face(name) {
	return {
		root: here(`./${name}`),
		base: '/',
		configFile: false,
		plugins: [svelte({ configFile: here('./svelte.config.js') })],
		resolve: { alias },
		build: {
			outDir: here(`./dist/${name}`),
			emptyOutDir: true,
			// oklch() and color-mix() are used as they are; light-dark() is younger and
			// is written as variables that follow color-scheme.
			target: ['chrome111', 'safari16.4', 'firefox115'],
			// The CSP allows no data: fonts and no inline script.
			assetsInlineLimit: 0,
			modulePreload: { polyfill: false },
			reportCompressedSize: false,
		},
	};
}
