import { Form, type Drafts } from '$kit/forms/form.svelte';
import type { Me, MeChange } from '$portal/api/paths';
import type { PortalApi } from '$portal/api/portal';

type Values = Required<MeChange>;

const fields = ['name', 'language', 'time_zone', 'theme'] as const;

function valuesOf(me: Me): Values {
	return { name: me.name, language: me.language, time_zone: me.time_zone, theme: me.theme };
}

/**
 * The client's own settings. Each field saves by itself when it is left; what
 * could not be saved stays in the field and in a draft that survives a reload.
 */
export class Profile {
	form: Form<Values>;
	/** Everything is saved and nothing was typed since; shown as "Saved". */
	saved = $state(false);
	#me: Me;
	#again = false;

	constructor(
		me: Me,
		private api: Pick<PortalApi, 'changeMe'>,
		private onSaved: (me: Me) => void,
		drafts?: Drafts,
	) {
		this.#me = me;
		this.form = new Form(valuesOf(me), { draft: `profile.${me.contact_id}`, drafts, check: nameIsThere });
	}

	/** Call at every change of what was typed. */
	keep(): void {
		this.saved = false;
		this.form.keep();
	}

	/** The server has newer data; a field that was changed here stays as it is. */
	refresh(me: Me): void {
		this.#me = me;
		this.form.refresh(valuesOf(me));
	}

	/** Sends what differs. A change made while one is on its way is sent after it. */
	async save(): Promise<void> {
		this.form.keep();
		if (this.form.busy) {
			this.#again = true;
			return;
		}
		if (!this.form.dirty) return;
		const ok = await this.form.submit(async (values) => {
			this.#me = await this.api.changeMe(this.#change(values));
			return valuesOf(this.#me);
		});
		if (ok) {
			this.saved = true;
			this.onSaved(this.#me);
		}
		if (this.#again) {
			this.#again = false;
			await this.save();
		}
	}

	#change(values: Values): MeChange {
		const before = valuesOf(this.#me);
		return Object.fromEntries(fields.filter((field) => values[field] !== before[field]).map((field) => [field, values[field]]));
	}
}

/** The sentence for a missing name is the page's: the mark is enough here. */
function nameIsThere(values: Values): Partial<Record<string, string>> {
	return values.name.trim() === '' ? { name: 'empty' } : {};
}
