/** One entry of a Combobox or TagInput. */
export interface Option {
	value: string;
	label: string;
	detail?: string;
}

/** Lower case without accents, so that "petrovic" finds "Petrović". */
export function fold(text: string): string {
	return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

/** Options whose label or detail holds every word of the query; beginnings first. */
export function suggest(options: readonly Option[], query: string, limit = 50): Option[] {
	const words = fold(query).split(/\s+/).filter(Boolean);
	if (words.length === 0) return options.slice(0, limit);
	const scored: [number, Option][] = [];
	for (const option of options) {
		const text = fold(`${option.label} ${option.detail ?? ''}`);
		if (!words.every((word) => text.includes(word))) continue;
		scored.push([text.startsWith(words[0]!) ? 0 : 1, option]);
	}
	return scored
		.sort((a, b) => a[0] - b[0])
		.slice(0, limit)
		.map(([, option]) => option);
}

/** The next index in a list of `length` for an arrow key; wraps around. */
export function step(key: string, index: number, length: number): number | undefined {
	if (length === 0) return undefined;
	if (key === 'ArrowDown') return (index + 1) % length;
	if (key === 'ArrowUp') return index <= 0 ? length - 1 : index - 1;
	if (key === 'Home') return 0;
	if (key === 'End') return length - 1;
	return undefined;
}
