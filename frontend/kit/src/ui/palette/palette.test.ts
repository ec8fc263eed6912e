import { describe, expect, it, vi } from 'vitest';
import { Palette, type Command } from './palette.svelte';

const command = (id: string, label: string): Command => ({ id, label, group: 'Go', run: vi.fn() });
const memory = (start?: string) => {
	let value = start ?? null;
	return { getItem: () => value, setItem: (_: string, next: string) => void (value = next) };
};

function make(find?: (query: string, signal: AbortSignal) => Promise<Command[]>, store = memory()) {
	const commands = [command('home', 'Go to Home'), command('contacts', 'Go to Contacts'), command('new', 'New contact')];
	return { palette: new Palette({ commands: () => commands, find, store }), commands, store };
}

describe('the palette', () => {
	it('filters commands and runs the chosen one', () => {
		const { palette, commands } = make();
		palette.show();
		void palette.ask('contact');
		expect(palette.results.map((c) => c.id)).toEqual(['contacts', 'new']);
		palette.move(1);
		palette.choose();
		expect(commands[2]!.run).toHaveBeenCalledOnce();
		expect(palette.open).toBe(false);
	});
	it('puts what was used last first, also after a restart', () => {
		const { palette, commands, store } = make();
		palette.choose(commands[1]);
		palette.show();
		expect(palette.results[0]!.id).toBe('contacts');
		expect(palette.isRecent(commands[1]!)).toBe(true);
		expect(make(undefined, store).palette.results[0]!.id).toBe('contacts');
		expect(make(undefined, memory('broken{')).palette.results[0]!.id).toBe('home');
	});
	it('adds found things and drops answers to older queries', async () => {
		const answers: ((found: Command[]) => void)[] = [];
		const { palette } = make(() => new Promise((done) => answers.push(done)));
		const first = palette.ask('an');
		const second = palette.ask('ana');
		answers[1]!([command('ct_2', 'Ana')]);
		answers[0]!([command('ct_1', 'Old')]);
		await Promise.all([first, second]);
		expect(palette.results.map((c) => c.id)).toEqual(['ct_2']);
	});
	it('works when finding fails', async () => {
		const { palette } = make(() => Promise.reject(new TypeError('down')));
		await palette.ask('home');
		expect(palette.results.map((c) => c.id)).toEqual(['home']);
	});
	it('wraps around, and has nothing to choose in an empty list', async () => {
		const { palette } = make();
		palette.move(-1);
		expect(palette.index).toBe(2);
		await palette.ask('zzz');
		palette.move(1);
		palette.choose();
		expect(palette.index).toBe(0);
	});
});
