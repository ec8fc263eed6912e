import type en from '$messages/staff/en.json';
import { i18n, translator } from '$kit/i18n/catalogue.svelte';

i18n.register({ en: () => import('$messages/staff/en.json'), de: () => import('$messages/staff/de.json') });

/** The words of the staff window. */
export const t = translator<typeof en>();
