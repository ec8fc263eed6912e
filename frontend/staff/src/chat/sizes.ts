import { i18n } from '$kit/i18n/catalogue.svelte';

/** "340 kB" */
export function fileSize(bytes: number): string {
	const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
	let [value, unit] = [bytes, 0];
	while (value >= 1000 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
	return new Intl.NumberFormat(i18n.locale, { style: 'unit', unit: units[unit], unitDisplay: 'short', maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0 }).format(value);
}
