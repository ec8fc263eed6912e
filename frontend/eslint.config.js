import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import house from './tools/lint-rules.mjs';
import svelteConfig from './svelte.config.js';

const noBinaryBodies = [
	{ selector: 'NewExpression[callee.name="XMLHttpRequest"]', message: 'Use the client in kit/src/api: a binary XHR body over wails:// ends the process.' },
	{ selector: 'NewExpression[callee.name="Request"]', message: 'Use the client in kit/src/api: a Request with a Blob over wails:// ends the process.' },
	{ selector: 'NewExpression[callee.name="FormData"]', message: 'Send JSON or an ArrayBuffer: a FormData with a file over wails:// ends the process.' },
	{ selector: 'CallExpression[callee.property.name="sendBeacon"]', message: 'Use the client in kit/src/api.' },
];

export default ts.config(
	{ ignores: ['dist/', 'node_modules/', 'e2e/shots/', 'e2e/results/', 'kit/src/api/*.d.ts', '*/wailsjs/'] },
	js.configs.recommended,
	...ts.configs.recommended,
	...svelte.configs.recommended,
	{
		languageOptions: { globals: { ...globals.browser, ...globals.node } },
		plugins: { house },
		rules: {
			'no-restricted-syntax': ['error', ...noBinaryBodies],
			'no-restricted-globals': ['error', { name: 'XMLHttpRequest', message: 'Use the client in kit/src/api.' }],
			'@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
			'max-lines': ['error', { max: 400 }],
			// Replaced as a whole, never mutated.
			'svelte/prefer-svelte-reactivity': 'off',
			eqeqeq: 'error',
			'no-undef': 'off',
		},
	},
	{
		files: ['**/*.svelte', '**/*.svelte.ts'],
		languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig } },
	},
	{
		files: ['**/*.svelte'],
		rules: {
			'house/no-style-attribute': 'error',
			'house/no-plain-words': 'error',
			'svelte/no-at-html-tags': 'error',
			'svelte/no-navigation-without-resolve': 'off',
			'no-restricted-imports': ['error', { paths: [{ name: 'svelte/transition', message: 'Transitions inject styles, which the CSP forbids: use a CSS class.' }, { name: 'svelte/animate', message: 'Animations inject styles, which the CSP forbids: use a CSS class.' }] }],
		},
	},
	{
		files: ['kit/src/**'],
		rules: { 'no-restricted-imports': ['error', { patterns: [{ group: ['$staff/*', '$portal/*'], message: 'The kit knows no business word.' }] }] },
	},
	{
		files: ['portal/**'],
		rules: { 'no-restricted-imports': ['error', { patterns: [{ group: ['$staff/*'], message: 'The portal never imports staff.' }] }] },
	},
	{
		files: ['staff/**'],
		rules: { 'no-restricted-imports': ['error', { patterns: [{ group: ['$portal/*'], message: 'Staff never imports the portal.' }] }] },
	},
);
