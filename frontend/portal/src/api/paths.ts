// What the portal asks of the server and what comes back.

export interface Me {
	contact_id: string;
	name: string;
	first_name: string;
	email: string;
	/** "" is "as in my browser". */
	language: string;
	/** IANA name; "" is "as on my device". */
	time_zone: string;
	theme: 'system' | 'light' | 'dark';
	photo_url: string | null;
}

export type MeChange = Partial<Pick<Me, 'name' | 'language' | 'time_zone' | 'theme'>>;

export interface Business {
	name: string;
	description: string;
	support_email: string;
	copyright: string;
	logo_url: string | null;
	cover_url: string | null;
}

/** Something that waits for the client. `action` is the word on the button. */
export interface Need {
	key: string;
	title: string;
	text: string;
	href: string;
	action: string;
}

export interface Activity {
	id: string;
	at: string;
	kind: string;
	text: string;
}

export interface HomeData {
	me: Me;
	business: Business;
	needs_you: Need[];
	recent: Activity[];
	unseen: number;
	apps: { key: string; href: string }[];
}

export interface Session {
	id: string;
	device: string;
	created_at: string;
	last_seen_at: string;
	current: boolean;
}

interface Answer<Body> {
	responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': Body } } };
}
interface Done {
	responses: { 204: { headers: Record<string, unknown>; content?: never } };
}
interface Sends<Body> {
	requestBody: { content: { 'application/json': Body } };
}
interface WithID {
	parameters: { path: { id: string } };
}

export interface PortalPaths {
	'/api/portal/home': { get: Answer<HomeData> };
	'/api/portal/home/seen': { post: Done };
	'/api/portal/home/dismiss': { post: Sends<{ key: string }> & Done };
	'/api/portal/me': { patch: Sends<MeChange> & Answer<Me> };
	'/api/portal/sessions': { get: Answer<{ items: Session[]; next_cursor: string | null }> };
	'/api/portal/sessions/{id}': { delete: WithID & Done };
	'/api/portal/sessions/sign-out-others': { post: Done };
	'/api/portal/logout': { post: Done };
}
