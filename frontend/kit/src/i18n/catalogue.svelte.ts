/** A message, or its plural forms chosen by the parameter `count`. */
export type Message = string | Partial<Record<Intl.LDMLPluralRule, string>>;
export type Messages = Record<string, Message>;
export type Params = Record<string, string | number>;
export type Locale = 'en' | 'de';
export type Loader = () => Promise<{ default: Messages }>;

export const locales: readonly Locale[] = ['en', 'de'];

/** The nearest locale we speak: `de-AT` is `de`, what we do not speak is `en`. */
export function nearest(wanted: readonly string[]): Locale {
	for (const tag of wanted) {
		const base = tag.toLowerCase().split('-')[0];
		const found = locales.find((locale) => locale === base);
		if (found) return found;
	}
	return 'en';
}

/** The words on screen: loaded per locale, exchanged at once when it changes. */
export class Catalogue {
	locale = $state<Locale>('en');
	timeZone = $state<string | undefined>(undefined);
	#messages = $state.raw<Messages>({});
	#loaders: Record<Locale, Loader>[] = [];

	/**
	 * The locale with the region of this browser when it has one. English without a
	 * region is written as most of the world writes it, the day before the month.
	 */
	get tag(): string {
		const regional = typeof navigator === 'undefined' ? undefined : navigator.languages.find((tag) => tag.toLowerCase().startsWith(`${this.locale}-`));
		return regional ?? (this.locale === 'en' ? 'en-GB' : this.locale);
	}

	/** Each part of the program brings its own words; keys carry its name. */
	register(loaders: Record<Locale, Loader>): void {
		this.#loaders.push(loaders);
	}

	/** Loads and shows a locale. What is on screen stays until all of it is there. */
	async use(locale: Locale): Promise<void> {
		const parts = await Promise.all(this.#loaders.map((loaders) => loaders[locale]()));
		this.#messages = Object.assign({}, ...parts.map((part) => part.default)) as Messages;
		this.locale = locale;
		if (typeof document !== 'undefined') document.documentElement.lang = locale;
	}

	/** The message for a key; the key itself when there is none, so that nothing is blank. */
	text(key: string, params: Params = {}): string {
		const message = this.#messages[key];
		if (message === undefined) return key;
		return fill(choose(message, params, this.locale), params, this.locale);
	}

	has(key: string): boolean {
		return this.#messages[key] !== undefined;
	}
}

function choose(message: Message, params: Params, locale: Locale): string {
	if (typeof message === 'string') return message;
	const count = Number(params.count ?? 0);
	if (count === 0 && message.zero !== undefined) return message.zero;
	const rule = new Intl.PluralRules(locale).select(count);
	return message[rule] ?? message.other ?? '';
}

function fill(text: string, params: Params, locale: Locale): string {
	return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
		const value = params[name];
		if (value === undefined) return whole;
		return typeof value === 'number' ? new Intl.NumberFormat(locale).format(value) : value;
	});
}

/** The one catalogue of the page. */
export const i18n = new Catalogue();

/** A typed `t`: only keys of the given catalogue compile. */
export function translator<Known extends Messages>(): (key: keyof Known & string, params?: Params) => string {
	return (key, params) => i18n.text(key, params);
}
