import { toasts } from '$kit/ui/toast/toasts.svelte';
import { api } from '$staff/api';
import { work } from '$staff/app';
import { Contacts } from './contacts.svelte';

/** The one list: it keeps its place, filters and selection while other pages are open. */
export const contacts = new Contacts(api, toasts, work);
