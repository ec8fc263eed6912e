import type en from '$messages/help/en.json';
import { i18n, translator } from '$kit/i18n/catalogue.svelte';

i18n.register({ en: () => import('$messages/help/en.json'), de: () => import('$messages/help/de.json') });

export const topics = ['start', 'contacts', 'invite', 'chat', 'domain', 'mail', 'safety'] as const;
export type Topic = (typeof topics)[number];

/** The words of the help pages. */
export const help = translator<typeof en>();
