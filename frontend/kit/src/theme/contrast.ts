/** A colour in OKLCH: lightness 0–1, chroma, hue in degrees. */
export interface Oklch {
	l: number;
	c: number;
	h: number;
}

/** Reads `oklch(0.5 0.1 190)`; anything else is undefined. */
export function parseOklch(text: string): Oklch | undefined {
	const match = /oklch\(\s*([\d.]+)\s+([\d.]+)\s+([\d.]+)/.exec(text);
	if (!match) return undefined;
	return { l: Number(match[1]), c: Number(match[2]), h: Number(match[3]) };
}

function clamp(value: number): number {
	return Math.min(1, Math.max(0, value));
}

/** Relative luminance as WCAG 2 defines it. */
export function luminance({ l, c, h }: Oklch): number {
	const a = c * Math.cos((h * Math.PI) / 180);
	const b = c * Math.sin((h * Math.PI) / 180);
	const long = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3;
	const medium = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3;
	const short = (l - 0.0894841775 * a - 1.291485548 * b) ** 3;
	const red = clamp(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short);
	const green = clamp(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short);
	const blue = clamp(-0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short);
	return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** WCAG contrast ratio of two colours, 1 to 21. */
export function ratio(one: Oklch, other: Oklch): number {
	const [dark, light] = [luminance(one), luminance(other)].sort((x, y) => x - y) as [number, number];
	return (light + 0.05) / (dark + 0.05);
}
