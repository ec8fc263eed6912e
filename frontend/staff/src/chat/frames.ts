import type { ChatNote, Message } from '$kit/api/types/staff';
import type { Frame, Live } from '$kit/live/live';

/** What the chat pushes (backend/doc/live.md). After a gap frames come with their topic alone. */
export interface Frames {
	'chat.message': { conversation_id: string; rev: number; message: Message };
	'chat.note': { conversation_id: string; note: ChatNote };
	'chat.conversation': { conversation_id: string };
	'chat.marks': { conversation_id: string; who: string; read?: number; delivered?: number };
	'chat.typing': { conversation_id: string; who: string; name?: string };
	'chat.presence': { who: string; online: boolean };
}

export type Topic = keyof Frames;

/** Listens to one topic; `undefined` says that frames may have been missed. */
export function onFrame<Name extends Topic>(live: Pick<Live, 'on'>, topic: Name, listener: (frame: Frames[Name] | undefined) => void): () => void {
	return live.on(topic, (frame: Frame) => {
		const said = frame as Frame & Partial<Frames[Name]>;
		listener('conversation_id' in said || 'who' in said ? (said as unknown as Frames[Name]) : undefined);
	});
}
