import type { ApiError } from '../api/errors';

/** An emoji and the keys of those who chose it. */
export interface Reaction {
	emoji: string;
	by: string[];
}

/** What a thread must know of a message; whatever else it holds passes through. */
export interface Message {
	id: string;
	/** Its place: 1, 2, 3 … without gaps. */
	seq: number;
	/** Grows with every new or changed message of the conversation, without gaps. */
	rev: number;
	/** What its author called it before it had an id. */
	client_msg_id: string;
	text: string;
	/** Safe HTML of the text; empty while a change of it is on its way. */
	html: string;
	reactions: Reaction[];
	reply_to?: object | null;
	created_at: string;
	edited_at: string | null;
	deleted_at: string | null;
}

/** Part of a conversation, and how far all of it goes. */
export interface Page<M> {
	items: M[];
	last_seq: number;
	/** Since when to ask for changes next. */
	rev: number;
	more: boolean;
}

/** Which messages are wanted; neither is the newest. */
export interface Ask {
	before?: number;
	changes?: number;
	limit: number;
}

export interface Draft {
	client_msg_id: string;
	text: string;
	/** The id of the message that it answers. */
	reply_to?: string;
	attachments?: string[];
}

/** A message on its way. `waiting` is sent as soon as there is a connection, `failed` only when asked. */
export interface Outgoing<M extends Message = Message> extends Draft {
	created_at: string;
	/** What it answers, as it is shown. */
	quote?: M['reply_to'];
	/** The names of what it carries. */
	files?: string[];
	state: 'sending' | 'waiting' | 'failed';
	error?: ApiError;
}

/** How far somebody has come. */
export interface Mark {
	read: number;
	delivered: number;
}

/** How a thread reaches the server. All of it may fail; failures are ApiErrors. */
export interface Transport<M extends Message> {
	read(ask: Ask): Promise<Page<M>>;
	send(draft: Draft): Promise<M>;
	edit(id: string, text: string): Promise<M>;
	remove(id: string): Promise<M>;
	react(id: string, emoji: string): Promise<M>;
	mark(mark: Mark): Promise<void>;
	/** Says that something is being written; nobody waits for it. */
	type(): void;
}

/** Where messages on their way survive a closed page. */
export interface Queue<M extends Message> {
	put(item: Outgoing<M>): void;
	drop(clientMsgId: string): void;
}
