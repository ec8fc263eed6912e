/** One or two letters for a name: "Ana Petrović" → "AP", "王小明" → "王". */
export function initials(name: string): string {
	const words = name.trim().split(/\s+/).filter((word) => /\p{L}|\p{N}/u.test(word));
	const first = words[0];
	if (!first) return '?';
	const letters = [first, words.length > 1 ? words.at(-1)! : ''].map((word) => /\p{L}|\p{N}/u.exec(word)?.[0] ?? '');
	const cased = /\p{Lu}|\p{Ll}/u.test(letters[0]!);
	return (cased ? letters.join('') : letters[0]!).toUpperCase();
}

/** A stable tint for a name, 0 to 5. */
export function tint(name: string): number {
	let sum = 0;
	for (const char of name) sum = (sum * 31 + char.codePointAt(0)!) >>> 0;
	return sum % 6;
}
