import { describe, expect, it } from 'vitest';
import { Draft } from './drafts.svelte';
import { NoteGuard } from './guard';
import { memory, message, note } from './testing';

describe('a draft', () => {
	it('is two texts, and outlives the page with what it answers', () => {
		const store = memory();
		const draft = new Draft('cv_ana', store);
		draft.text = 'for the client';
		draft.answer(message(3));
		draft.write('note');
		draft.text = 'for us';
		const again = new Draft('cv_ana', store);
		expect([again.mode, again.text, again.reply?.seq]).toEqual(['note', 'for us', 3]);
		again.write('message');
		expect(again.text).toBe('for the client');
	});
	it('leaves nothing behind when it is sent', () => {
		const store = memory();
		const draft = new Draft('cv_ana', store);
		draft.text = 'hello';
		draft.answer(message(1));
		draft.clear();
		expect([draft.text, draft.reply, store.kept.size]).toEqual(['', undefined, 0]);
	});
	it('waits while something else is changed', () => {
		const draft = new Draft('cv_ana', memory());
		draft.text = 'half a thought';
		draft.edit({ kind: 'note', note: note('n', 1) });
		expect([draft.mode, draft.text]).toEqual(['note', 'n']);
		draft.text = 'better';
		expect(draft.leave()).toBe(true);
		draft.write('message');
		expect([draft.text, draft.leave()]).toEqual(['half a thought', false]);
	});
	it('begins anew when what was kept cannot be read', () => {
		const store = memory();
		store.setItem('portico.chat.draft.cv_ana', '{');
		expect(new Draft('cv_ana', store).text).toBe('');
	});
});

describe('text of a note', () => {
	const notes = [{ text: 'Pays late,\nask for half in advance' }];
	it.each([
		['all of it', 'Pays late, ask for half in advance', true],
		['a part of it', 'ask for half in', true],
		['written otherwise', '  ASK for  half in ', true],
		['too little to tell', 'half', false],
		['something else', 'The roses are in bloom', false],
		['nothing', ' ', false],
	])('is known: %s', (_, text, known) => expect(new NoteGuard().isFromNote(text, notes)).toBe(known));
	it('is known when it was copied, however short, and wherever the note stands', () => {
		const guard = new NoteGuard();
		guard.copied('€ 4,500');
		expect([guard.isFromNote('€ 4,500', []), guard.isFromNote('€ 4,5', [])]).toEqual([true, false]);
		guard.copied('ask for half in advance');
		expect([guard.isFromNote('Please ask for half in advance.', []), guard.isFromNote('€ 4,500', [])]).toEqual([true, false]);
	});
});
