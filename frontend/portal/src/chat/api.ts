import { createClient, take, upload } from '$kit/api/client';
import type { components, paths } from '$kit/api/portal';
import type { Ask, Draft, Mark, Message, Page } from '$kit/thread/types';
import type { Carrier } from '$kit/thread/uploads.svelte';
import type { PortalApiOptions } from '$portal/api/portal';

type Schemas = components['schemas'];

export interface ChatMessage extends Message {
	conversation_id: string;
	author: { kind: string; contact_id: string | null; name: string };
	reply_to: Quoted | null;
	attachments: ChatFile[];
	attachment_count: number;
}

/** `thumb_url` is null when there is no picture to show. */
export type ChatFile = Omit<Schemas['ChatFileBody'], 'thumb_url'> & { thumb_url: string | null };

export interface Quoted {
	seq: number;
	author: ChatMessage['author'];
	excerpt: string;
}

/** `last_message` is null until there is one; the generated type cannot say so. */
export type Conversation = Omit<Schemas['ChatClientConversation'], 'last_message'> & { last_message: ChatMessage | null };
export type ConversationWhole = Conversation & Pick<Schemas['ChatClientConversationWhole'], 'members' | 'marks'>;

/** `opens_at` is null while it is open, and when nobody said when it opens. */
export type Availability = Omit<Schemas['ChatAvailabilityBody'], 'opens_at'> & { opens_at: string | null };
export type Preferences = Schemas['ChatPreferencesBody'];

/** Everything that chat asks of the server; tests hand in a fake. */
export interface ChatApi {
	conversations(): Promise<Conversation[]>;
	conversation(id: string): Promise<ConversationWhole>;
	messages(id: string, ask: Ask): Promise<Page<ChatMessage>>;
	send(id: string, draft: Draft): Promise<ChatMessage>;
	edit(id: string, message: string, text: string): Promise<ChatMessage>;
	remove(id: string, message: string): Promise<ChatMessage>;
	react(id: string, message: string, emoji: string): Promise<ChatMessage>;
	mark(id: string, mark: Mark): Promise<void>;
	type(id: string): void;
	files: Carrier;
	availability(): Promise<Availability>;
	preferences(): Promise<Preferences>;
	prefer(preferences: Preferences): Promise<Preferences>;
}

// Longer than a slow phone needs, and short enough that "not sent yet" is soon true.
const patience = 20_000;
/** One part of a file over a bad line. */
const slow = 120_000;

export function chatApi(options: PortalApiOptions): ChatApi {
	const client = createClient<paths>(options);
	const path = '/api/portal/chat/conversations/{id}';
	const uploads = '/api/portal/chat/uploads/{upload_id}';
	const soon = () => ({ signal: AbortSignal.timeout(patience) });
	const one = (id: string, message: string) => ({ params: { path: { id, message_id: message } }, ...soon() });
	const asMessage = (message: unknown) => message as ChatMessage;
	return {
		conversations: async () => (await take(client.GET('/api/portal/chat/conversations', soon()))).items as Conversation[],
		conversation: async (id) => (await take(client.GET(path, { params: { path: { id } }, ...soon() }))) as ConversationWhole,
		messages: async (id, query) => (await take(client.GET(`${path}/messages`, { params: { path: { id }, query }, ...soon() }))) as unknown as Page<ChatMessage>,
		send: async (id, body) => asMessage(await take(client.POST(`${path}/messages`, { params: { path: { id } }, body, ...soon() }))),
		edit: async (id, message, text) => asMessage(await take(client.PATCH(`${path}/messages/{message_id}`, { ...one(id, message), body: { text } }))),
		remove: async (id, message) => asMessage(await take(client.DELETE(`${path}/messages/{message_id}`, one(id, message)))),
		react: async (id, message, emoji) => asMessage(await take(client.PUT(`${path}/messages/{message_id}/reaction`, { ...one(id, message), body: { emoji } }))),
		mark: async (id, body) => void (await client.POST(`${path}/marks`, { params: { path: { id } }, body, ...soon() })),
		files: {
			begin: (name, size) => take(client.POST('/api/portal/chat/uploads', { body: { name, size }, ...soon() })),
			at: (id) => take(client.GET(uploads, { params: { path: { upload_id: id } }, ...soon() })),
			put: (id, offset, bytes) => take(client.PATCH(uploads, { params: { path: { upload_id: id }, query: { offset } }, signal: AbortSignal.timeout(slow), ...upload(bytes, 'application/octet-stream') })),
			cancel: async (id) => void (await client.DELETE(uploads, { params: { path: { upload_id: id } } })),
		},
		availability: async () => (await take(client.GET('/api/portal/chat/availability', soon()))) as Availability,
		preferences: () => take(client.GET('/api/portal/chat/preferences', soon())),
		prefer: (body) => take(client.PUT('/api/portal/chat/preferences', { body, ...soon() })),
		type: (id) => void client.POST(`${path}/typing`, { params: { path: { id } }, ...soon() }).catch(() => {}),
	};
}
