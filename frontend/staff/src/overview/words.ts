import Activity from '@lucide/svelte/icons/activity';
import Archive from '@lucide/svelte/icons/archive';
import CircleAlert from '@lucide/svelte/icons/circle-alert';
import DoorOpen from '@lucide/svelte/icons/door-open';
import FileText from '@lucide/svelte/icons/file-text';
import Link from '@lucide/svelte/icons/link';
import LogOut from '@lucide/svelte/icons/log-out';
import MailCheck from '@lucide/svelte/icons/mail-check';
import Pencil from '@lucide/svelte/icons/pencil';
import Send from '@lucide/svelte/icons/send';
import UserPlus from '@lucide/svelte/icons/user-plus';

const icons: Record<string, typeof Activity> = {
	'contact.created': UserPlus,
	'contact.updated': Pencil,
	'contact.archived': Archive,
	'note.added': FileText,
	'invitation.sent': Send,
	'mail.accepted': MailCheck,
	'mail.failed': CircleAlert,
	'link.opened': Link,
	'portal.joined': DoorOpen,
	'portal.signed_in': DoorOpen,
	'portal.signed_out': LogOut,
	'portal.suspended': CircleAlert,
};

/** The sign of a kind of event; kinds we do not know get a plain one. */
export function iconOf(kind: string): typeof Activity {
	return icons[kind] ?? Activity;
}

export const lightColor = { ok: 'green', warn: 'amber', error: 'red' } as const;
