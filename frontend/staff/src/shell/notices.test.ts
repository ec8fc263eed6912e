import { describe, expect, it } from 'vitest';
import { Notices } from './notices.svelte';

const item = (id: string) => ({ id, text: `${id} happened` });

function make(shows = true) {
	const said: string[][] = [];
	const kept = new Map<string, string>();
	let looking = false;
	const store = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) };
	const notices = () => new Notices({ Notify: async (...words) => (said.push(words), shows), NotifyAbout: async (...words) => (said.push(words), shows) }, store, () => looking);
	return { said, notices, look: (now: boolean) => (looking = now) };
}

describe('notices', () => {
	it('tell what came since, as one', async () => {
		const { said, notices } = make();
		const one = notices();
		await one.tell('bell', [item('ev_2'), item('ev_1')], 'Weber');
		await one.tell('bell', [item('ev_2'), item('ev_1')], 'Weber');
		await one.tell('bell', [item('ev_3'), item('ev_2')], 'Weber');
		await one.tell('bell', [item('ev_5'), item('ev_4'), item('ev_3')], '');
		expect(said).toEqual([
			['Weber', 'ev_3 happened'],
			['app.name', 'notices.more'],
		]);
	});
	it('keep two feeds apart', async () => {
		const { said, notices } = make();
		const one = notices();
		await one.tell('bell', [item('ev_9')], '');
		await one.tell('domain', [item('dn_1')], '');
		await one.tell('domain', [item('dn_2'), item('dn_1')], '');
		expect(said).toEqual([['app.name', 'dn_2 happened']]);
	});
	it('tell the first thing on an empty bell', async () => {
		const { said, notices } = make();
		const one = notices();
		await one.tell('bell', [], 'Weber');
		await one.tell('bell', [item('ev_1')], 'Weber');
		expect(said).toHaveLength(1);
	});
	it('are silent to whoever looks, and do not tell it later', async () => {
		const { said, notices, look } = make();
		const one = notices();
		await one.tell('bell', [], 'Weber');
		look(true);
		await one.tell('bell', [item('ev_1')], 'Weber');
		look(false);
		await one.tell('bell', [item('ev_1')], 'Weber');
		expect(said).toEqual([]);
	});
	it('are turned off and on, which shows one', async () => {
		const { said, notices } = make();
		await notices().set(false);
		const off = notices();
		await off.tell('bell', [], '');
		await off.tell('bell', [item('ev_1')], '');
		expect([off.on, said]).toEqual([false, []]);
		expect([await off.set(true), notices().on, said.length]).toEqual([true, true, 1]);
	});
	it('tell one thing with its place, to who does not look', async () => {
		const { said, notices, look } = make();
		const one = notices();
		await one.about('Ana', 'Hello', '/chat/cv_1');
		look(true);
		await one.about('Ana', 'Again', '/chat/cv_1');
		look(false);
		await one.set(false);
		await one.about('Ana', 'Once more', '/chat/cv_1');
		expect(said).toEqual([['Ana', 'Hello', '/chat/cv_1']]);
	});
	it('stay off where nothing can be shown', async () => {
		const { notices } = make(false);
		const one = notices();
		expect([await one.set(true), one.on, notices().on]).toEqual([false, false, false]);
	});
	it('are nothing in a browser', async () => {
		const one = new Notices(undefined, { getItem: () => null, setItem: () => {} }, () => false);
		await one.tell('bell', [], '');
		await one.tell('bell', [item('ev_1')], '');
	});
});
