import { toasts } from '$kit/ui/toast/toasts.svelte';
import { api } from '$staff/api';
import { BrandState } from './brand.svelte';

/** The one brand: the sidebar, the previews and the editor show the same. */
export const brand = new BrandState(api, toasts);
