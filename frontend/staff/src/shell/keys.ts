import { pressed, typing } from '$kit/ui/shortcuts/keys';

export interface Verbs {
	palette(): void;
	shortcuts(): void;
	newContact(): void;
	sidebar(): void;
	undo(): void;
	go(place: 'home' | 'contacts' | 'chat' | 'outbox' | 'portal'): void;
}

const after: Record<string, Parameters<Verbs['go']>[0]> = { h: 'home', c: 'contacts', m: 'chat', o: 'outbox', p: 'portal' };
const pause = 1_200;

/** The shortcuts that work everywhere; `g` waits a moment for its second key. */
export function globalKeys(verbs: Verbs, now: () => number = Date.now): (event: KeyboardEvent) => void {
	let asked = 0;
	return (event) => {
		if (event.defaultPrevented) return;
		if (pressed(event, 'mod+k')) run(event, verbs.palette);
		else if (typing(event.target)) return;
		else if (now() - asked < pause && after[event.key]) {
			asked = 0;
			run(event, () => verbs.go(after[event.key]!));
		} else if (pressed(event, 'g')) asked = now();
		else if (pressed(event, '?')) run(event, verbs.shortcuts);
		else if (pressed(event, 'c')) run(event, verbs.newContact);
		else if (pressed(event, '[')) run(event, verbs.sidebar);
		else if (pressed(event, 'mod+z')) run(event, verbs.undo);
	};
}

function run(event: KeyboardEvent, verb: () => void): void {
	event.preventDefault();
	verb();
}
