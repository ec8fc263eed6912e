export type Theme = 'system' | 'light' | 'dark';

const key = 'portico.theme';

function isTheme(value: unknown): value is Theme {
	return value === 'system' || value === 'light' || value === 'dark';
}

/** What the person chose on this device last; used before the server answers. */
export function rememberedTheme(): Theme {
	const stored = localStorage.getItem(key);
	return isTheme(stored) ? stored : 'system';
}

/** Shows the theme at once and remembers it for the next start. */
export function applyTheme(theme: Theme): void {
	localStorage.setItem(key, theme);
	if (theme === 'system') delete document.documentElement.dataset.theme;
	else document.documentElement.dataset.theme = theme;
}
