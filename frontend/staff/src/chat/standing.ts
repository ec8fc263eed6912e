import type { Message } from '$kit/api/types/staff';
import type { Row } from '$kit/thread/thread.svelte';
import { t } from '$staff/i18n';
import type { Talk } from './talk.svelte';

export interface Standing {
	key: 'sending' | 'waiting' | 'saved' | 'delivered' | 'read';
	label: string;
}

/** How far a message of ours has come, in words that promise nothing: saved here is not yet delivered. */
export function standing(talk: Pick<Talk, 'whole' | 'reach'>, { message, outgoing }: Row<Message>): Standing | undefined {
	if (outgoing) {
		if (outgoing.state === 'failed') return undefined;
		return outgoing.state === 'sending' ? { key: 'sending', label: t('chat.sending') } : { key: 'waiting', label: t('chat.waits') };
	}
	const { read, delivered, of } = talk.reach(message);
	if (talk.whole?.kind === 'direct') {
		if (read > 0) return { key: 'read', label: t('chat.read') };
		if (delivered > 0) return { key: 'delivered', label: t('chat.delivered') };
		return { key: 'saved', label: t('chat.not_delivered') };
	}
	if (of > 0 && read >= of) return { key: 'read', label: t('chat.read_by_all', { count: of }) };
	if (read > 0) return { key: 'delivered', label: t('chat.read_by', { count: read, of }) };
	if (delivered > 0) return { key: 'delivered', label: t('chat.delivered_to', { count: delivered, of }) };
	return { key: 'saved', label: t('chat.not_delivered') };
}
