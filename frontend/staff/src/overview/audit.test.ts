import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { i18n, type Messages } from '$kit/i18n/catalogue.svelte';
import { actionKey, actionWords, actorWords, auditActions, detailWords } from './audit';

const root = join(import.meta.dirname, '../../../..');

function goSources(): { path: string; text: string }[] {
	const paths = ['backend', 'app'].flatMap((folder) => readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path}`));
	return paths.filter((path) => path.endsWith('.go') && !path.endsWith('_test.go')).map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

/** Functions that take part of the action from their caller: where the literal stands, and what goes before it. */
const composed: { room: string; call: RegExp; prefix: string }[] = [
	{ room: 'backend/access/', call: /\bs\.given\([^"\n]*"([a-z_.]+)"\)/g, prefix: '' },
	{ room: 'backend/access/', call: /\bs\.decide\([^"\n]*"([a-z_]+)"/g, prefix: 'access.' },
	{ room: 'backend/chat/', call: /\bs\.change\([^"\n]*"([a-z_.]+)"/g, prefix: '' },
	{ room: 'backend/contacts/', call: /\bs\.onNote\([^"\n]*"([a-z_.]+)"/g, prefix: '' },
	{ room: 'backend/contacts/', call: /\bs\.move\([^"\n]*"([a-z_]+)"/g, prefix: 'contacts.' },
];
/** What may stand in place of a literal: the insides of those functions, and of `audited` itself; a finding about an address offers an action, which is no deed. */
const variables = ['action', '"access."+what', '"contacts."+what', 'a.Action', 'actionOf(f'];

/** Every action that the Go sources write, and every place that writes one this test cannot read. */
function written(): { actions: string[]; unread: string[] } {
	const actions = new Set<string>();
	const unread: string[] = [];
	for (const { path, text } of goSources()) {
		for (const [, said = ''] of text.matchAll(/(?:\bAction:\s*|\baudited\(\s*tx,\s*actor,\s*)([^,})\n]+)/g)) {
			const literal = /^"([a-z_.]+)"$/.exec(said.trim())?.[1];
			if (literal) actions.add(literal);
			else if (!variables.includes(said.trim()) && !/^(action|string)\b/.test(said)) unread.push(`${path}: ${said}`);
		}
		for (const { room, call, prefix } of composed) {
			if (path.startsWith(room)) for (const [, part] of text.matchAll(call)) actions.add(prefix + part);
		}
	}
	return { actions: [...actions].sort(), unread };
}

describe('the deeds of the audit log', () => {
	beforeAll(async () => {
		const read = (locale: string) => async () => ({ default: JSON.parse(readFileSync(join(root, `frontend/messages/staff/${locale}.json`), 'utf8')) as Messages });
		i18n.register({ en: read('en'), de: read('de') });
		await i18n.use('en');
	});
	const found = written();

	it('are written where this test can read them', () => {
		expect(found.unread).toEqual([]);
	});
	it('are all known', () => {
		expect(found.actions).toEqual([...auditActions]);
	});
	it.each(auditActions)('%s has words', (action) => {
		expect(i18n.has(actionKey(action))).toBe(true);
		expect(actionWords(action)).not.toContain('_');
	});
	it('come with their details, without what only programs read', () => {
		expect(detailWords({ first: true, again: false, link: 'ln_06h0c5a0ctp6p7dotanf2r1gd4', fields: ['name', 'time_zone'] })).toBe('for the first time · changed: name, time zone');
		expect(detailWords({ policy: { login_ttl: 5, ask: null }, odd_one: 2 })).toBe('settings: login ttl 5, ask null · odd one: 2');
		expect([actorWords('staff'), actorWords('Ana')]).toEqual(['You or a colleague', 'Ana']);
	});
	it('are spelled out when there are no words', () => {
		expect([actionWords('rooms.merge_all'), actionWords('odd')]).toEqual(['Rooms: merge all', 'odd']);
	});
});
