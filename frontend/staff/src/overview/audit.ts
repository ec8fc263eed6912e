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
	'access.sign_out_staff',
	'access.signed_out_everywhere',
	'access.suspended',
	'branding.change',
	'chat.add_members',
	'chat.create',
	'chat.delete_message',
	'chat.export',
	'chat.mailbox',
	'chat.remove_member',
	'chat.rename',
	'chat.settings',
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
	'domains.cancel',
	'domains.choose',
	'domains.default',
	'domains.drop',
	'domains.forget',
	'domains.options',
	'domains.switch',
	'domains.update',
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

/** Who did it: a name, else what kind of actor it was. */
export function actorWords(actor: string): string {
	const key = `audit.by_${actor}`;
	return i18n.has(key) ? i18n.text(key) : actor;
}

/** `ln_06h0c5a0ctp6p7dotanf2r1gd4`: for programs, and in the CSV; people read it nowhere else. */
export function isId(value: unknown): boolean {
	return typeof value === 'string' && /^[a-z]{2}_[0-9a-z]{20,}$/.test(value);
}

/** "changed: name, phones · for the first time" for the details of an entry; ids are left out. */
export function detailWords(detail: Record<string, unknown>): string {
	return Object.entries(detail ?? {})
		.filter(([, value]) => value !== false && value !== '' && !isId(value))
		.map(([key, value]) => (value === true ? word(key) : `${word(key)}: ${spell(value)}`))
		.join(' · ');
}

function word(key: string): string {
	return i18n.has(`audit.with_${key}`) ? i18n.text(`audit.with_${key}`) : key.replaceAll('_', ' ');
}

function spell(value: unknown): string {
	if (Array.isArray(value)) return value.map((part) => (typeof part === 'string' ? part.replaceAll('_', ' ') : spell(part))).join(', ');
	if (typeof value !== 'object' || value === null) return String(value);
	return Object.entries(value)
		.map(([key, part]) => `${key.replaceAll('_', ' ')} ${spell(part)}`)
		.join(', ');
}
