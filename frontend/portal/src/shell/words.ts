import de from '$messages/portal/de.json';
import en from '$messages/portal/en.json';
import { i18n, translator } from '$kit/i18n/catalogue.svelte';

// Both languages travel with the script: fetching one on its own would cost a
// phone a second round trip before the first word.
i18n.register({ en: async () => ({ default: en }), de: async () => ({ default: de }) });

export const t = translator<typeof en>();
