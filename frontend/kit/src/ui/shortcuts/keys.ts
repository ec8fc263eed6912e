const mac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform);
const signs: Record<string, string> = { mod: mac ? '⌘' : 'Ctrl', shift: '⇧', enter: '⏎', up: '↑', down: '↓', left: '←', right: '→', esc: 'Esc', space: '␣' };

/** "mod+k" as what is printed on the keys. */
export function spell(keys: string): string[] {
	return keys.split('+').map((key) => signs[key] ?? (key.length === 1 ? key.toUpperCase() : key));
}

/** Whether the person is typing text, where letters are not shortcuts. */
export function typing(target: EventTarget | null): boolean {
	const element = target as HTMLElement | null;
	if (!element?.tagName) return false;
	if (element.isContentEditable || element.tagName === 'TEXTAREA' || element.tagName === 'SELECT') return true;
	return element.tagName === 'INPUT' && !['checkbox', 'radio', 'button', 'range', 'color'].includes((element as HTMLInputElement).type);
}

/** Whether an event is the shortcut, e.g. "mod+k", "shift+x", "?", "esc". */
export function pressed(event: KeyboardEvent, keys: string): boolean {
	const parts = keys.split('+');
	const last = parts.at(-1)!;
	const named: Record<string, string> = { esc: 'Escape', enter: 'Enter', up: 'ArrowUp', down: 'ArrowDown', left: 'ArrowLeft', right: 'ArrowRight', space: ' ' };
	const wanted = named[last] ?? last;
	if (event.key.toLowerCase() !== wanted.toLowerCase()) return false;
	if (parts.includes('mod') !== (event.metaKey || event.ctrlKey)) return false;
	if (event.altKey) return false;
	// A sign such as "?" already needs Shift on most keyboards.
	return /^[a-z ]$|^.{2,}$/i.test(wanted) ? parts.includes('shift') === event.shiftKey : true;
}
