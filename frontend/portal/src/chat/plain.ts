import type { ChatMessage } from './api';
import { t } from './words';

/** What a message says, on one line and without its formatting. */
export function plain(message: ChatMessage): string {
	if (message.deleted_at) return t('chat.deleted');
	// Parsed, never shown: scripts do not run and pictures are not loaded.
	const text = message.html ? (new DOMParser().parseFromString(message.html.replaceAll(/<(?:br|\/p|\/li)>/g, '$& '), 'text/html').body.textContent ?? '') : message.text;
	const words = text.replace(/\s+/g, ' ').trim();
	return words || (message.attachment_count > 0 ? t('chat.files', { count: message.attachment_count }) : '');
}
