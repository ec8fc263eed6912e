import { toasts } from '$kit/ui/toast/toasts.svelte';
import { i18n } from '$kit/i18n/catalogue.svelte';
import { api } from '$staff/api';
import { notices } from '$staff/app';
import { router } from '$staff/router';
import { Chat } from './chat.svelte';
import { NoteGuard } from './guard';
import { ChatSearch } from './search.svelte';
import { Replies } from './replies.svelte';
import { Inbox } from './inbox.svelte';
import { news } from './news';
import { isQuiet } from './quiet';

/** The one inbox and its conversations; they keep their place while other pages are open. */
export const inbox = new Inbox(api, toasts);

const tell = news({
	notices,
	toasts,
	looking: () => document.hasFocus(),
	quiet: () => chat.settings !== undefined && isQuiet(chat.settings, Date.now(), i18n.timeZone),
	shows: (id) => chat.open === id,
	titleOf: (id) => chat.titleOf(id),
	href: (id) => router.href('talk', { id }),
	open: (href) => router.open(href),
});

export const chat: Chat = new Chat(api, inbox, toasts, localStorage, tell);
export const noteGuard = new NoteGuard();
export const replies = new Replies(api, toasts);
export const search = new ChatSearch(api);

/** Opens the conversation with a contact. */
export async function message(contactID: string): Promise<void> {
	const id = await chat.with(contactID);
	if (id) router.go('talk', { id });
}
