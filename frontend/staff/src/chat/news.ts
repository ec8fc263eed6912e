import type { Toasts } from '$kit/ui/toast/toasts.svelte';
import type { Notices } from '$staff/shell/notices.svelte';
import { t } from '$staff/i18n';
import type { Frames } from './frames';

interface Around {
	notices: Pick<Notices, 'about'>;
	toasts: Pick<Toasts, 'show'>;
	/** Whether somebody looks at this window. */
	looking(): boolean;
	/** Whether nobody wants to be told now. */
	quiet(): boolean;
	/** Where the window is. */
	shows(conversationID: string): boolean;
	titleOf(conversationID: string): string | undefined;
	href(conversationID: string): string;
	open(href: string): void;
}

const longest = 140;

/** Tells of a new message of a client: outside while nobody looks, in a corner while something else is looked at. */
export function news(around: Around): (frame: Frames['chat.message']) => void {
	return ({ conversation_id: id, message }) => {
		const looking = around.looking();
		if (looking && around.shows(id)) return;
		const name = message.author.name || t('chat.somebody');
		const title = around.titleOf(id);
		const who = title && title !== name ? t('chat.name_in', { name, title }) : name;
		const line = message.text.replace(/\s+/g, ' ').trim() || t('chat.sent_file');
		const text = line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
		const href = around.href(id);
		if (looking) around.toasts.show({ text: `${who}: ${text}`, action: { label: t('chat.open'), run: () => around.open(href) } });
		else if (!around.quiet()) void around.notices.about(who, text, href);
	};
}
