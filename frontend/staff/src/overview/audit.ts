import { i18n } from '$kit/i18n/catalogue.svelte';

/** Every deed the program writes into the log. audit.test.ts compares it with the Go sources. */
export const auditActions = [
	'access.create_token',
	'access.enter_staff',
	'access.invite',
	'access.make_link',
	'access.make_staff_link',
	'access.restored',
	'access.revoke_invitation',
	'access.revoke_link',
	'access.revoke_token',
	'access.send_login_email',
	'access.set_policy',
	'access.sign_in',
	'access.sign_out',
	'access.sign_out_others',
	'access.signed_out_everywhere',
	'access.suspended',
	'branding.change',
	'contacts.add_note',
	'contacts.archived',
	'contacts.change_note',
	'contacts.change_tag',
	'contacts.create',
	'contacts.delete_note',
	'contacts.delete_tag',
	'contacts.delete_view',
	'contacts.deleted',
	'contacts.purge',
	'contacts.restore_note',
	'contacts.restored',
	'contacts.save_view',
	'contacts.unarchived',
	'contacts.update',
	'mail.account_forgotten',
	'mail.account_saved',
	'mail.cancelled',
	'mail.resumed',
	'mail.retried',
	'mail.suppressed',
	'mail.template_reset',
	'mail.template_saved',
	'mail.unsuppressed',
	'overview.export_audit',
] as const;

/** The key of an action's words: `contacts.create` is `audit.did_contacts_create`. */
export function actionKey(action: string): string {
	return `audit.did_${action.replace('.', '_')}`;
}

/** What was done, in plain words; an action without words is spelled out: "Contacts: merge all". */
export function actionWords(action: string): string {
	const key = actionKey(action);
	if (i18n.has(key)) return i18n.text(key);
	const [room = '', ...deed] = action.split('.');
	const spelled = deed.join(' ').replaceAll('_', ' ');
	return spelled ? `${room.charAt(0).toUpperCase()}${room.slice(1)}: ${spelled}` : action;
}
