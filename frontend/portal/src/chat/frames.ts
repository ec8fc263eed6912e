import type { Frame } from '$kit/live/live';
import type { ChatMessage } from './api';

/** What comes live about conversations. A frame without a conversation says that some may have been missed. */
export interface ChatFrame extends Frame {
	conversation_id?: string;
	message?: ChatMessage;
	who?: string;
	name?: string;
	read?: number;
	delivered?: number;
	online?: boolean;
}

/** The key of the business in marks, reactions and frames. */
export const staff = 'staff';

/** The key of who wrote a message. */
export function authorOf(message: Pick<ChatMessage, 'author'>): string {
	return message.author.contact_id ?? staff;
}
