function channel(value: number): number {
	const part = value / 255;
	return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
}

/** Black or white, whichever reads better on a #rrggbb colour. */
export function onColour(hex: string): '#000000' | '#ffffff' {
	const [red, green, blue] = [1, 3, 5].map((at) => channel(Number.parseInt(hex.slice(at, at + 2), 16)));
	const light = 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
	return (light + 0.05) / 0.05 > 1.05 / (light + 0.05) ? '#000000' : '#ffffff';
}
