import type { PortalState } from '$kit/api/types/staff';
import type { MenuItem } from '$kit/ui/menu/items';
import { t } from '$staff/i18n';
import type { Somebody } from './access.svelte';
import { access } from './shared';

/** What can be done about one person's sign-in, given where they stand. */
export function personMenu(person: Somebody, state: PortalState): MenuItem[] {
	const ids = [person.id];
	const waiting = ['invited', 'accepted', 'opened', 'undelivered'].includes(state);
	const items: MenuItem[] = [];
	if (state === 'none') items.push({ label: t('access.invite_one'), onselect: () => access.invite([person]) });
	if (waiting) items.push({ label: t('access.resend'), onselect: () => access.sendInvitations(ids, [], '/', '') });
	if (state !== 'suspended') {
		items.push({ label: t('access.send_login'), onselect: () => access.sendLogin(ids) });
		items.push({ label: t('access.make_link'), onselect: () => access.makeLink(person) });
	}
	if (waiting) items.push({ label: t('access.revoke_invitation'), onselect: () => access.revokeInvitations(ids) });
	if (state === 'joined') items.push({ label: t('access.sign_out'), onselect: () => access.askSignOut(person) });
	if (state === 'suspended') items.push({ label: t('access.restore'), onselect: () => void access.restore(person) });
	else if (state !== 'none') items.push({ label: t('access.suspend'), onselect: () => void access.suspend(person) });
	if (items[0]) items[0].separator = true;
	return items;
}
