import { toasts } from '$kit/ui/toast/toasts.svelte';
import { api } from '$staff/api';
import { work } from '$staff/app';
import { Access } from './access.svelte';

/** The one set of sign-in actions, used by every page. */
export const access = new Access(api, toasts, work);
