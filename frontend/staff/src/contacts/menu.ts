import type { Contact } from '$kit/api/types/staff';
import type { MenuItem } from '$kit/ui/menu/items';
import { personMenu } from '$staff/access/menu';
import { message } from '$staff/chat/shared';
import { t } from '$staff/i18n';
import { router } from '$staff/router';
import type { Contacts } from './contacts.svelte';

/** What can be done with one contact of the list. */
export function contactMenu(contacts: Contacts, contact: Contact): MenuItem[] {
	const ids = [contact.id];
	return [
		{ label: t('contacts.open_page'), keys: 'enter', onselect: () => router.go('contact', { id: contact.id }) },
		{ label: t('chat.message'), onselect: () => void message(contact.id) },
		...personMenu({ id: contact.id, name: contact.name }, contact.portal.state),
		contact.archived
			? { label: t('contacts.unarchive'), separator: true, onselect: () => contacts.bulk('unarchive', ids) }
			: { label: t('contacts.archive'), separator: true, onselect: () => contacts.bulk('archive', ids) },
		{ label: t('contacts.delete'), danger: true, keys: 'Del', onselect: () => contacts.bulk('delete', ids) },
	];
}
