import { nearest, type Locale } from '$kit/i18n/catalogue.svelte';

const key = 'portico.language';

/** What to speak before the server has said who this is. */
export function rememberedLocale(): Locale {
	const stored = localStorage.getItem(key);
	return nearest(stored ? [stored] : navigator.languages);
}

/** The client's choice, or the browser's when there is none; remembered for the next start. */
export function chosenLocale(language: string): Locale {
	if (language === '') localStorage.removeItem(key);
	else localStorage.setItem(key, language);
	return nearest(language === '' ? navigator.languages : [language]);
}
