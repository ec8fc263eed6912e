// The staff API by hand, until the generated types are there.
type Json<Body> = { content: { 'application/json': Body } };
type Ok<Body> = { responses: { 200: Json<Body> } };
type Made<Body> = { responses: { 201: Json<Body> } };
type Gone = { responses: { 204: { content?: never } } };
type Asks<Query> = { parameters: { query?: Query } };
type At<Path> = { parameters: { path: Path } };
type AtAsks<Path, Query> = { parameters: { path: Path; query?: Query } };
type Sends<Body> = { requestBody: Json<Body> };
type SendsBytes = { requestBody: { content: { 'application/octet-stream': ArrayBuffer } } };
type Id = { id: string };
type List<Item> = { items: Item[]; next_cursor?: string | null };
type Paging = { limit?: number; cursor?: string };

export interface Me {
	name: string;
	via: string;
	version: string;
	language: string;
	time_zone: string;
	theme: 'system' | 'light' | 'dark';
}
export interface Address {
	street: string;
	city: string;
	region: string;
	postal_code: string;
	country: string;
}
export type PortalState = 'none' | 'invited' | 'accepted' | 'opened' | 'joined' | 'suspended' | 'undelivered';
export interface ContactInput {
	name: string;
	emails: string[];
	phones: string[];
	company: string;
	address: Address;
	language: string;
	time_zone: string;
	birthday: string;
	tags: string[];
}
export interface Contact extends Omit<ContactInput, 'address'> {
	id: string;
	address: Partial<Address>;
	first_name: string;
	photo_url: string | null;
	archived: boolean;
	created_at: string;
	updated_at: string;
	portal: { state: PortalState; invited_at: string | null; joined_at: string | null; last_seen_at: string | null };
}
export interface Note extends Id {
	text: string;
	author: string;
	created_at: string;
	updated_at: string;
}
export interface Tag extends Id {
	name: string;
	color: 'teal' | 'blue' | 'green' | 'amber' | 'red' | 'violet' | 'gray';
	count: number;
}
export type ContactState = 'active' | 'archived' | 'all';
export interface View extends Id {
	name: string;
	query: { search: string; tags: string[]; state: ContactState; sort: string };
	columns: string[];
}
export interface BulkResult {
	contact_id: string;
	status: 'done' | 'skipped' | 'failed';
	reason: string;
}
export interface SendResult {
	contact_id: string;
	email: string;
	status: 'queued' | 'done' | 'skipped' | 'failed';
	reason: string;
}
export interface TimelineItem extends Id {
	at: string;
	kind: string;
	contact_id: string;
	contact_name: string;
	actor: 'staff' | 'client' | 'system';
	text: string;
	data: Record<string, unknown>;
}
export interface Overview {
	invited: number;
	joined: number;
	contacts: number;
	mail_waiting: number;
	mail_problems: number;
	setup: { steps: { key: 'business' | 'look' | 'contact' | 'mail' | 'address' | 'invite'; done: boolean; skipped: boolean }[]; finished: boolean };
	needs_you: { key: string; what: string; do: string; href: string }[];
	recent: TimelineItem[];
}
export interface Health {
	light: 'ok' | 'warn' | 'error';
	items: { key: string; state: 'ok' | 'warn' | 'error'; what: string; do: string; href: string }[];
}
export interface AuditEntry extends Id {
	seq: number;
	at: string;
	actor: string;
	action: string;
	subject: string;
	/** The name behind `subject`, when it still has one. */
	subject_name: string;
	detail: Record<string, unknown>;
}
export interface Portal {
	url: string;
	reachability: { state: string; text: string };
	invited: number;
	accepted: number;
	opened: number;
	joined: number;
	joined_invited: number;
	suspended: number;
	mail_ready: boolean;
}
export type PeopleList = 'invited' | 'accepted' | 'opened' | 'joined' | 'suspended' | 'undelivered' | 'not_joined';
export interface Person {
	contact_id: string;
	name: string;
	email: string;
	photo_url: string | null;
	state: PortalState;
	invited_at: string | null;
	accepted_at: string | null;
	opened_at: string | null;
	joined_at: string | null;
	last_seen_at: string | null;
	delivery: { state: 'queued' | 'sending' | 'accepted' | 'retry' | 'unknown' | 'failed' | 'cancelled' | 'none'; what: string; do: string };
	invitation_expires_at: string | null;
}
export interface Session extends Id {
	device: string;
	created_at: string;
	last_seen_at: string;
	expires_at: string;
}
export interface Link extends Id {
	kind: 'invite' | 'login' | 'login_mail' | 'staff_link';
	created_at: string;
	expires_at: string;
	used_at: string | null;
	used_from: string;
	opened_at: string | null;
	opens: number;
	revoked_at: string | null;
	state: 'open' | 'used' | 'expired' | 'revoked';
	target: string;
}
export interface Access {
	state: PortalState;
	may_sign_in: boolean;
	reason: string;
	sessions: Session[];
	links: Link[];
}
export interface PolicyInput {
	login_mail_ttl: number;
	staff_link_ttl: number;
	invitation_ttl: number;
	ask_email: 'when_suspicious' | 'new_browser';
	code_sign_in: boolean;
	open_to: 'invited' | 'everyone';
}
export interface Policy extends PolicyInput {
	limits: Record<'login_mail_ttl' | 'staff_link_ttl' | 'invitation_ttl', number[]>;
}
export interface AccountInput {
	kind: 'smtp' | 'files';
	host: string;
	port: number;
	security: 'tls' | 'starttls' | 'none';
	username: string;
	password?: string;
	from_name: string;
	from_address: string;
	preset?: string;
}
export interface Account extends Omit<AccountInput, 'password'> {
	configured: boolean;
	has_password: boolean;
	status: { state: 'ok' | 'unset' | 'paused' | 'offline'; what: string; do: string; reply: string; since: string | null; until: string | null };
	limits: { per_minute: number; per_day: number; per_connection: number };
	files_dir: string;
}
export interface Preset {
	key: string;
	name: string;
	host: string;
	port: number;
	security: 'tls' | 'starttls' | 'none';
	username_hint: string;
	help: string;
	limits: { per_minute?: number; per_day?: number; per_connection?: number };
}
export interface TestStep {
	step: string;
	state: 'ok' | 'failed' | 'skipped';
	ms: number;
	reply: string;
	what: string;
	do: string;
}
export type MailState = 'queued' | 'sending' | 'accepted' | 'retry' | 'unknown' | 'failed' | 'cancelled';
export interface Mail extends Id {
	to: string;
	contact_id: string;
	kind: string;
	subject: string;
	state: MailState;
	attempts: number;
	next_at: string | null;
	created_at: string;
	updated_at: string;
	code: number;
	reply: string;
	what: string;
	do: string;
	accepted_at: string | null;
}
export interface MailBody extends Mail {
	text: string;
	html: string;
}
export interface TemplateText {
	subject: string;
	heading: string;
	body: string;
	button: string;
}
export interface Template extends TemplateText {
	key: string;
	language: string;
	custom: boolean;
	name: string;
	description: string;
}
export interface Problem {
	part: 'subject' | 'heading' | 'body' | 'button';
	start: number;
	end: number;
	name: string;
	message: string;
	suggestion: string;
}
export interface Value {
	name: string;
	description: string;
	sample: string;
	/** The templates that know it; all when empty. */
	templates: string[];
	/** Stands only in the text, not in subject, heading or button. */
	body_only: boolean;
}
export interface Suppression {
	email: string;
	reason: 'bounced' | 'manual';
	detail: string;
	since: string;
}
export interface BrandInput {
	name: string;
	description: string;
	accent: string;
	accent_2: string;
	support_email: string;
	copyright: string;
}
export interface Contrast {
	accent: string;
	ratio: number;
	changed: boolean;
}
export interface Brand extends BrandInput {
	version: number;
	logo_url: string | null;
	icon_url: string | null;
	cover_url: string | null;
	contrast: { light: Contrast; dark: Contrast };
	sentence: string;
}
export interface MailPreview {
	subject: string;
	html: string;
	text: string;
}

type ContactQuery = { search?: string; tag?: string[]; state?: ContactState; portal?: string };

export interface paths {
	'/api/staff/me': { get: Ok<Me>; patch: Sends<Partial<Pick<Me, 'name' | 'language' | 'time_zone' | 'theme'>>> & Ok<Me> };
	'/api/staff/contacts': {
		get: Asks<ContactQuery & Paging & { sort?: string; offset?: number }> & Ok<List<Contact> & { corrected?: string | null }>;
		post: Sends<Partial<ContactInput>> & Made<Contact>;
	};
	'/api/staff/contacts/count': { get: Asks<ContactQuery> & Ok<{ count: number }> };
	'/api/staff/contacts/ids': { get: Asks<ContactQuery & { limit?: number }> & Ok<{ ids: string[] }> };
	'/api/staff/contacts/bulk': { post: Sends<{ contact_ids: string[]; action: string; tag?: string }> & Ok<{ results: BulkResult[] }> };
	'/api/staff/contacts/{id}': { get: At<Id> & Ok<Contact>; patch: At<Id> & Sends<Partial<ContactInput>> & Ok<Contact>; delete: At<Id> & Gone };
	'/api/staff/contacts/{id}/restore': { post: At<Id> & Ok<Contact> };
	'/api/staff/contacts/{id}/archive': { post: At<Id> & Ok<Contact> };
	'/api/staff/contacts/{id}/unarchive': { post: At<Id> & Ok<Contact> };
	'/api/staff/contacts/{id}/photo': { put: At<Id> & SendsBytes & Ok<Contact>; delete: At<Id> & Ok<Contact> };
	'/api/staff/contacts/{id}/notes': { get: AtAsks<Id, Paging> & Ok<List<Note>>; post: At<Id> & Sends<{ text: string }> & Made<Note> };
	'/api/staff/contacts/{id}/notes/{note_id}': {
		patch: At<Id & { note_id: string }> & Sends<{ text: string }> & Ok<Note>;
		delete: At<Id & { note_id: string }> & Gone;
	};
	'/api/staff/contacts/{id}/notes/{note_id}/restore': { post: At<Id & { note_id: string }> & Ok<Note> };
	'/api/staff/tags': { get: Ok<List<Tag>> };
	'/api/staff/tags/{id}': { patch: At<Id> & Sends<{ name?: string; color?: Tag['color'] }> & Ok<Tag>; delete: At<Id> & Gone };
	'/api/staff/views': { get: Ok<List<View>>; post: Sends<Omit<View, 'id'>> & Made<View> };
	'/api/staff/views/{id}': { put: At<Id> & Sends<Omit<View, 'id'>> & Ok<View>; delete: At<Id> & Gone };
	'/api/staff/overview': { get: Ok<Overview> };
	'/api/staff/overview/setup': { post: Sends<{ key?: string; skipped?: boolean; finished?: boolean }> & Ok<unknown> };
	'/api/staff/overview/contacts/{id}/timeline': { get: AtAsks<Id, Paging & { search?: string }> & Ok<List<TimelineItem>> };
	'/api/staff/overview/notifications': { get: Ok<{ items: TimelineItem[]; unseen: number }> };
	'/api/staff/overview/notifications/seen': { post: Gone };
	'/api/staff/overview/health': { get: Ok<Health> };
	'/api/staff/audit': { get: Asks<Paging & { search?: string; action?: string }> & Ok<List<AuditEntry>> };
	'/api/staff/audit/export': { get: { responses: { 200: { content: { 'text/csv': string } } } } };
	'/api/staff/portal': { get: Ok<Portal> };
	'/api/staff/portal/people': { get: Asks<Paging & { list?: PeopleList; search?: string }> & Ok<List<Person>> };
	'/api/staff/portal/contacts/{id}': { get: At<Id> & Ok<Access> };
	'/api/staff/portal/contacts/{id}/suspend': { post: At<Id> & Ok<Access> };
	'/api/staff/portal/contacts/{id}/restore': { post: At<Id> & Ok<Access> };
	'/api/staff/portal/contacts/{id}/sign-out': { post: At<Id> & Ok<Access> };
	'/api/staff/portal/targets': { get: Ok<List<{ path: string; label: string }>> };
	'/api/staff/portal/invitations': { post: Sends<{ contact_ids: string[]; emails: string[]; target?: string; note?: string }> & Ok<{ results: SendResult[] }> };
	'/api/staff/portal/invitations/preview': { post: Sends<{ contact_id?: string; email?: string; note?: string }> & Ok<MailPreview & { from: string }> };
	'/api/staff/portal/invitations/revoke': { post: Sends<{ contact_ids: string[] }> & Ok<{ results: SendResult[] }> };
	'/api/staff/portal/login-emails': { post: Sends<{ contact_ids: string[]; target?: string }> & Ok<{ results: SendResult[] }> };
	'/api/staff/portal/magic-links': { post: Sends<{ contact_id: string; target: string; expires_in?: number }> & Made<Id & { url: string; expires_at: string }> };
	'/api/staff/portal/links/{id}/revoke': { post: At<Id> & Ok<Link> };
	'/api/staff/portal/policy': { get: Ok<Policy>; put: Sends<PolicyInput> & Ok<Policy> };
	'/api/staff/mail/account': { get: Ok<Account>; put: Sends<AccountInput> & Ok<Account> };
	'/api/staff/mail/account/resume': { post: Ok<Account> };
	'/api/staff/mail/presets': { get: Ok<List<Preset>> };
	'/api/staff/mail/test': { post: Sends<{ to: string; account?: AccountInput }> & Ok<{ ok: boolean; steps: TestStep[] }> };
	'/api/staff/mail/messages': { get: Asks<Paging & { state?: string; contact_id?: string; search?: string }> & Ok<List<Mail>> };
	'/api/staff/mail/messages/{id}': { get: At<Id> & Ok<MailBody> };
	'/api/staff/mail/messages/{id}/retry': { post: At<Id> & Ok<Mail> };
	'/api/staff/mail/messages/{id}/cancel': { post: At<Id> & Ok<Mail> };
	'/api/staff/mail/counts': { get: Ok<Record<MailState, number>> };
	'/api/staff/mail/templates': { get: Ok<List<Template>> };
	'/api/staff/mail/templates/{key}/{language}': {
		put: At<{ key: string; language: string }> & Sends<TemplateText> & Ok<Template>;
		delete: At<{ key: string; language: string }> & Gone;
	};
	'/api/staff/mail/templates/{key}/preview': { post: At<{ key: string }> & Sends<TemplateText & { language: string; contact_id?: string }> & Ok<MailPreview & { problems: Problem[] }> };
	'/api/staff/mail/values': { get: Ok<List<Value>> };
	'/api/staff/mail/suppressions': { get: Asks<Paging & { search?: string }> & Ok<List<Suppression>>; post: Sends<{ email: string; detail: string }> & Ok<Suppression> };
	'/api/staff/mail/suppressions/remove': { post: Sends<{ email: string; reason: string }> & Gone };
	'/api/staff/branding': { get: Ok<Brand>; put: Sends<BrandInput> & Ok<Brand> };
	'/api/staff/branding/images/{kind}': { put: At<{ kind: 'logo' | 'icon' | 'cover' }> & SendsBytes & Ok<Brand>; delete: At<{ kind: 'logo' | 'icon' | 'cover' }> & Ok<Brand> };
}
