import { asApiError, type ApiError } from '../api/errors';

/** Where unsent text waits; sessionStorage in the page. */
export interface Drafts {
	getItem(key: string): string | null;
	setItem(key: string, value: string): void;
	removeItem(key: string): void;
}

export interface FormOptions<Values extends object> {
	/** Keeps unsent input under this name until it is saved or given up. */
	draft?: string;
	drafts?: Drafts;
	/** Checks before sending; keys are fields, values the sentence to show. */
	check?(values: Values): Partial<Record<string, string>>;
}

/**
 * A form that never loses what was typed: a failed save keeps every value, new
 * data from the server never overwrites a changed field, and a draft survives
 * a closed page.
 */
export class Form<Values extends object> {
	values: Values = $state() as Values;
	errors = $state<Partial<Record<string, string>>>({});
	/** What went wrong that belongs to no field. */
	problem = $state.raw<ApiError | undefined>(undefined);
	busy = $state(false);
	#saved: Values = $state.raw() as Values;
	dirty = $derived.by(() => JSON.stringify(this.values) !== JSON.stringify(this.#saved));

	constructor(
		initial: Values,
		private options: FormOptions<Values> = {},
	) {
		this.#saved = $state.snapshot(initial) as Values;
		this.values = { ...($state.snapshot(initial) as Values), ...this.#readDraft() };
	}

	/** New data from the server: fields the person changed stay as they are. */
	refresh(fresh: Values): void {
		for (const key of Object.keys(fresh) as (keyof Values)[]) {
			const changed = JSON.stringify(this.values[key]) !== JSON.stringify(this.#saved[key]);
			if (!changed) this.values[key] = $state.snapshot(fresh[key]) as Values[typeof key];
		}
		this.#saved = $state.snapshot(fresh) as Values;
	}

	/** Gives up what was typed. */
	reset(): void {
		this.values = $state.snapshot(this.#saved) as Values;
		this.errors = {};
		this.problem = undefined;
		this.#dropDraft();
	}

	/** Call from an effect or on input: keeps the draft up to date. */
	keep(): void {
		if (!this.options.draft) return;
		if (this.dirty) this.#drafts().setItem(this.options.draft, JSON.stringify(this.values));
		else this.#dropDraft();
	}

	/** Sends; true when it was saved. Errors land beside their fields, the rest in `problem`. */
	async submit(send: (values: Values) => Promise<Values | void>): Promise<boolean> {
		if (this.busy) return false;
		const values = $state.snapshot(this.values) as Values;
		this.errors = this.options.check?.(values) ?? {};
		this.problem = undefined;
		if (Object.values(this.errors).some(Boolean)) return false;
		this.busy = true;
		try {
			const saved = await send(values);
			this.#saved = saved ?? values;
			this.#adopt(values);
			this.#dropDraft();
			return true;
		} catch (thrown) {
			this.fail(asApiError(thrown));
			return false;
		} finally {
			this.busy = false;
		}
	}

	/** Sorts an error: known fields get their sentence, the rest is the form's. */
	fail(error: ApiError): void {
		const errors: Partial<Record<string, string>> = {};
		for (const { field, message } of error.fields) errors[field] = message;
		this.errors = errors;
		const known = error.fields.some(({ field }) => root(field) in (this.values as object));
		if (!known) this.problem = error;
	}

	/** The sentence for a field, or for any entry of a list field (`emails[0]`). */
	error(field: string): string | undefined {
		if (this.errors[field]) return this.errors[field];
		const entry = Object.keys(this.errors).find((key) => root(key) === field);
		return entry ? this.errors[entry] : undefined;
	}

	/** After a save the server's form of a value is shown, unless it was edited meanwhile. */
	#adopt(sent: Values): void {
		for (const key of Object.keys(this.#saved) as (keyof Values)[]) {
			if (JSON.stringify(this.values[key]) === JSON.stringify(sent[key])) this.values[key] = $state.snapshot(this.#saved[key]) as Values[typeof key];
		}
	}

	#drafts(): Drafts {
		return this.options.drafts ?? sessionStorage;
	}

	#readDraft(): Partial<Values> {
		if (!this.options.draft) return {};
		try {
			return JSON.parse(this.#drafts().getItem(this.options.draft) ?? '{}') as Partial<Values>;
		} catch {
			return {};
		}
	}

	#dropDraft(): void {
		if (this.options.draft) this.#drafts().removeItem(this.options.draft);
	}
}

function root(field: string): string {
	return field.split(/[.[]/)[0]!;
}
