import { toasts } from '$kit/ui/toast/toasts.svelte';
import { api } from '$staff/api';
import { Demo } from './demo.svelte';

/** The one demo business: the first start makes it, Home and Settings take it away. */
export const demo = new Demo(api, toasts);
