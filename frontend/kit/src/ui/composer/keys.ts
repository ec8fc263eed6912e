export interface Key {
	key: string;
	shiftKey: boolean;
	ctrlKey: boolean;
	metaKey: boolean;
	altKey: boolean;
	isComposing: boolean;
	keyCode: number;
}

/**
 * Enter sends where there is a keyboard and Shift+Enter breaks the line; on touch
 * Enter breaks it and a button sends. Ctrl or ⌘ with Enter always sends. A key
 * that belongs to an input method (choosing a character) is never ours.
 */
export function sends(event: Key, touch: boolean): boolean {
	if (event.key !== 'Enter' || event.isComposing || event.keyCode === 229) return false;
	if (event.ctrlKey || event.metaKey) return true;
	return !touch && !event.shiftKey && !event.altKey;
}
