import type { Message, Reaction } from './types';

/**
 * Known messages with others laid over them, in the order of seq. The newer
 * version of a message wins. Below `floor` only what is known is taken: a change
 * to a message that was never loaded would stand alone above a hole.
 */
export function merged<M extends Message>(known: readonly M[], incoming: readonly M[], floor: number): M[] {
	const byID = new Map(known.map((message) => [message.id, message]));
	let appends = true;
	for (const message of incoming) {
		const before = byID.get(message.id);
		if (before ? before.rev >= message.rev : message.seq < floor) continue;
		appends &&= !before && message.seq > (known.at(-1)?.seq ?? 0);
		byID.set(message.id, message);
	}
	const list = [...byID.values()];
	return appends && incoming.length < 2 ? list : list.sort((a, b) => a.seq - b.seq);
}

/** The reactions after `who` chose an emoji, or took theirs back with "": everybody has at most one. */
export function withReaction(reactions: readonly Reaction[], who: string, emoji: string): Reaction[] {
	const without = reactions.map((one) => ({ ...one, by: one.by.filter((key) => key !== who) }));
	const chosen = without.find((one) => one.emoji === emoji);
	if (chosen) chosen.by.push(who);
	else if (emoji) without.push({ emoji, by: [who] });
	return without.filter((one) => one.by.length > 0);
}
