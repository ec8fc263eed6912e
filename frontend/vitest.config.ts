import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { alias } from './vite.shared.mjs';

export default defineConfig({
	plugins: [svelte()],
	resolve: { alias, conditions: ['browser'] },
	test: {
		include: ['{kit,staff,portal}/src/**/*.test.ts'],
		environment: './tools/vitest-runes.mjs',
		unstubGlobals: true,
		restoreMocks: true,
	},
});
