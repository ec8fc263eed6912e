// A test environment without a DOM in which Svelte compiles runes as for the
// browser; Vitest's own "node" environment compiles them for server rendering.
export default {
	name: 'runes',
	viteEnvironment: 'client',
	setup: () => ({ teardown() {} }),
};
