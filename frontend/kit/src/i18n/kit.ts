import type en from '$messages/kit/en.json';
import { i18n, translator } from './catalogue.svelte';

i18n.register({ en: () => import('$messages/kit/en.json'), de: () => import('$messages/kit/de.json') });

/** The kit's own words ("Close", "Undo"); no business word among them. */
export const t = translator<typeof en>();
