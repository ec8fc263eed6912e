import type { ChatNote, Conversation, ConversationWhole, Message } from '$kit/api/types/staff';

const at = (minute: number) => new Date(Date.UTC(2026, 0, 7, 9, minute)).toISOString();

/** A message for tests; by staff when `by` is empty. */
export function message(seq: number, by = 'ct_ana', change: Partial<Message> = {}): Message {
	const author: Message['author'] = by ? { kind: 'client', contact_id: by, name: by.slice(3) } : { kind: 'staff', contact_id: null, name: 'Hanna' };
	return { id: `ms_${seq}`, conversation_id: 'cv_ana', seq, rev: seq, client_msg_id: `c${seq}`, author, text: `text ${seq}`, html: `<p>text ${seq}</p>`, reply_to: null, reactions: [], attachments: [], attachment_count: 0, created_at: at(seq), edited_at: null, deleted_at: null, ...change };
}

export function note(id: string, after_seq: number, change: Partial<ChatNote> = {}): ChatNote {
	return { id, after_seq, text: id, html: `<p>${id}</p>`, author: 'Hanna', created_at: at(after_seq), edited_at: null, deleted_at: null, ...change };
}

export function conversation(id: string, change: Partial<Conversation> = {}): Conversation {
	const contact = { contact_id: id.replace('cv_', 'ct_'), name: id, photo_url: null, time_zone: '', online: false };
	return { id, kind: 'direct', title: id, contact, member_count: 1, state: 'waiting', snoozed_until: null, last_seq: 1, rev: 1, last_at: at(1), unread: 1, read: 0, last_message: message(1), created_at: at(0), ...change };
}

export function whole(id: string, change: Partial<ConversationWhole> = {}): ConversationWhole {
	const base = conversation(id);
	return { ...base, members: base.contact ? [base.contact] : [], marks: [], read_by: 0, delivered_to: 0, ...change };
}

export function memory() {
	const kept = new Map<string, string>();
	return { kept, getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value), removeItem: (key: string) => void kept.delete(key) };
}
