import de from '$messages/portal_chat/de.json';
import en from '$messages/portal_chat/en.json';
import { i18n, translator } from '$kit/i18n/catalogue.svelte';

// They come with the script of chat, after the page has its first words.
i18n.register({ en: async () => ({ default: en }), de: async () => ({ default: de }) });
await i18n.use(i18n.locale);

export const t = translator<typeof en>();
