import { suggest } from '../field/suggest';

/** Something the palette can open or do. */
export interface Command {
	id: string;
	label: string;
	detail?: string;
	group: string;
	keys?: string;
	run(): void;
}

export interface PaletteOptions {
	commands(): readonly Command[];
	/** Finds things by their name; slower than the commands, hence apart. */
	find?(query: string, signal: AbortSignal): Promise<Command[]>;
	/** Where what was used last is remembered. */
	store?: Pick<Storage, 'getItem' | 'setItem'>;
}

const remembered = 6;
const key = 'portico.palette';

/** State of the command palette: go, find, do; what was used last comes first. */
export class Palette {
	open = $state(false);
	query = $state('');
	index = $state(0);
	#found = $state.raw<Command[]>([]);
	#recent = $state.raw<string[]>([]);
	#abort: AbortController | undefined;

	results = $derived.by<Command[]>(() => this.#results());

	constructor(private options: PaletteOptions) {
		try {
			this.#recent = JSON.parse(this.#store().getItem(key) ?? '[]') as string[];
		} catch {
			this.#recent = [];
		}
	}

	isRecent(command: Command): boolean {
		return this.query === '' && this.#recent.includes(command.id);
	}

	show(): void {
		this.open = true;
		this.ask('');
	}

	/** A new query: commands answer at once, found things follow. */
	async ask(query: string): Promise<void> {
		this.query = query;
		this.index = 0;
		this.#abort?.abort();
		this.#found = [];
		if (!query.trim() || !this.options.find) return;
		const { signal } = (this.#abort = new AbortController());
		try {
			const found = await this.options.find(query.trim(), signal);
			if (!signal.aborted) this.#found = found;
		} catch {
			// Commands still work; the list says so by itself.
		}
	}

	move(by: number): void {
		const length = this.results.length;
		if (length > 0) this.index = (this.index + by + length) % length;
	}

	choose(command: Command | undefined = this.results[this.index]): void {
		if (!command) return;
		this.open = false;
		this.#recent = [command.id, ...this.#recent.filter((id) => id !== command.id)].slice(0, remembered);
		this.#store().setItem(key, JSON.stringify(this.#recent));
		command.run();
	}

	#store(): Pick<Storage, 'getItem' | 'setItem'> {
		return this.options.store ?? localStorage;
	}

	#results(): Command[] {
		const all = this.options.commands();
		if (this.query.trim() === '') {
			const recent = this.#recent.map((id) => all.find((command) => command.id === id)).filter((command) => command !== undefined);
			return [...recent, ...all.filter((command) => !recent.includes(command))];
		}
		const byId = new Map(all.map((command) => [command.id, command]));
		const matching = suggest(all.map(({ id, label, detail }) => ({ value: id, label, detail })), this.query, 8);
		return [...matching.map((option) => byId.get(option.value)!), ...this.#found];
	}
}
