import { take } from '$kit/api/client';
import { copyText } from '$kit/ui/copy/copy';
import type { Command } from '$kit/ui/palette/palette.svelte';
import { toasts } from '$kit/ui/toast/toasts.svelte';
import { api } from '$staff/api';
import { session } from '$staff/app';
import { chat, inbox } from '$staff/chat/shared';
import { t } from '$staff/i18n';
import { router } from '$staff/router';

const places = ['home', 'contacts', 'chat', 'outbox', 'portal', 'domain', 'policy', 'branding', 'account', 'templates', 'suppressed', 'chat_settings', 'health', 'audit', 'settings', 'help'] as const;
export const titles = {
	home: 'nav.home',
	contacts: 'nav.contacts',
	contact: 'nav.contacts',
	chat: 'nav.chat',
	talk: 'nav.chat',
	chat_settings: 'chat.settings',
	outbox: 'nav.outbox',
	account: 'outbox.account',
	templates: 'outbox.templates',
	template: 'outbox.templates',
	suppressed: 'outbox.suppressed',
	portal: 'nav.portal',
	domain: 'nav.domain',
	policy: 'nav.policy',
	branding: 'nav.branding',
	settings: 'nav.settings',
	health: 'nav.health',
	audit: 'nav.audit',
	help: 'nav.help',
	topic: 'nav.help',
	missing: 'app.name',
} as const;

/** Everything the palette can go to or do. */
export function commands(showShortcuts: () => void): Command[] {
	const go = places.map((name): Command => ({ id: `go.${name}`, label: t(titles[name]), group: t('palette.go'), run: () => router.go(name) }));
	const verbs: Command[] = [
		{ id: 'do.new_contact', label: t('do.new_contact'), keys: 'c', group: t('palette.do'), run: () => router.go('contacts', undefined, { new: '1' }) },
		{ id: 'do.invite', label: t('do.invite'), group: t('palette.do'), run: () => router.go('portal', undefined, { invite: '1' }) },
		{ id: 'do.new_conversation', label: t('do.new_conversation'), keys: 'm', group: t('palette.do'), run: () => (chat.beginning = { kind: 'direct', contacts: [] }) },
		{ id: 'do.new_group', label: t('do.new_group'), group: t('palette.do'), run: () => (chat.beginning = { kind: 'group', contacts: [] }) },
		{ id: 'do.new_broadcast', label: t('do.new_broadcast'), group: t('palette.do'), run: () => (chat.beginning = { kind: 'broadcast', contacts: [] }) },
		{ id: 'do.copy_portal', label: t('do.copy_portal'), group: t('palette.do'), run: () => void copyPortal() },
		{ id: 'do.toggle_theme', label: t('do.toggle_theme'), group: t('palette.do'), run: () => void toggleTheme() },
		{ id: 'do.shortcuts', label: t('do.shortcuts'), keys: '?', group: t('palette.do'), run: showShortcuts },
	];
	return [...go, ...openConversation(), ...verbs];
}

/** What can be done with the conversation that is open. */
function openConversation(): Command[] {
	const whole = chat.open ? chat.talk(chat.open).whole : undefined;
	if (!whole) return [];
	const contact = whole.contact?.contact_id;
	const to = whole.state === 'done' ? 'waiting' : 'done';
	return [
		{ id: 'chat.done', label: t(to === 'done' ? 'chat.do_done' : 'chat.do_reopen', { name: whole.title }), keys: 'e', group: t('nav.chat'), run: () => void inbox.setState(whole, to) },
		...(contact ? [{ id: 'chat.contact', label: t('chat.open_contact'), keys: 'o', group: t('nav.chat'), run: () => router.go('contact', { id: contact }) }] : []),
	];
}

/** Contacts by name, address or company. */
export async function findContacts(query: string, signal: AbortSignal): Promise<Command[]> {
	const { items } = await take(api.GET('/api/staff/contacts', { params: { query: { search: query, limit: 8, state: 'all' } }, signal }));
	return items.map((contact) => ({ id: contact.id, label: contact.name, detail: contact.emails[0] ?? contact.company, group: t('palette.contacts'), run: () => router.go('contact', { id: contact.id }) }));
}

async function copyPortal(): Promise<void> {
	const { url } = await take(api.GET('/api/staff/portal'));
	if (await copyText(url)) toasts.show({ text: url });
}

async function toggleTheme(): Promise<void> {
	const dark = matchMedia('(prefers-color-scheme: dark)').matches;
	const shown = session.me?.theme === 'system' ? (dark ? 'dark' : 'light') : session.me?.theme;
	await session.change({ theme: shown === 'dark' ? 'light' : 'dark' }).catch(() => {});
}
