import { take } from '$kit/api/client';
import { asApiError, type ApiError } from '$kit/api/errors';
import type { MailPreview, Problem, Template, TemplateText, Value } from '$kit/api/types/staff';
import { Form } from '$kit/forms/form.svelte';
import type { Option } from '$kit/ui/field/suggest';
import type { Toasts } from '$kit/ui/toast/toasts.svelte';
import type { Api } from '$staff/api';
import { t } from '$staff/i18n';

export type Part = keyof TemplateText;
export const parts: readonly Part[] = ['subject', 'heading', 'body', 'button'];

function textOf({ subject, heading, body, button }: TemplateText): TemplateText {
	return { subject, heading, body, button };
}

/** A text cut into stretches that are right or wrong, for underlining. */
export function stretches(text: string, problems: readonly Pick<Problem, 'start' | 'end'>[]): { text: string; wrong: boolean }[] {
	const found: { text: string; wrong: boolean }[] = [];
	let at = 0;
	for (const { start, end } of [...problems].sort((a, b) => a.start - b.start)) {
		if (start < at || end > text.length) continue;
		if (start > at) found.push({ text: text.slice(at, start), wrong: false });
		found.push({ text: text.slice(start, end), wrong: true });
		at = end;
	}
	if (at < text.length) found.push({ text: text.slice(at), wrong: false });
	return found;
}

/** One mail text in one language, with its live preview. */
export class TemplateEditor {
	template = $state.raw<Template | undefined>(undefined);
	form = $state.raw<Form<TemplateText> | undefined>(undefined);
	values = $state.raw<Value[]>([]);
	preview = $state.raw<(MailPreview & { problems: Problem[] }) | undefined>(undefined);
	error = $state.raw<ApiError | undefined>(undefined);
	/** Whose data the preview uses; "" is the sample. */
	contact = $state('');
	people = $state.raw<Option[]>([]);
	#turn = 0;
	#path: { key: string; language: string };

	constructor(
		readonly key: string,
		readonly language: string,
		private api: Api,
		private toasts: Toasts,
	) {
		this.#path = { key, language };
	}

	get problems(): readonly Problem[] {
		return this.preview?.problems ?? [];
	}

	async load(): Promise<void> {
		try {
			const [templates, values] = await Promise.all([take(this.api.GET('/api/staff/mail/templates')), take(this.api.GET('/api/staff/mail/values'))]);
			this.values = values.items;
			this.template = templates.items.find((one) => one.key === this.key && one.language === this.language);
			if (this.template && !this.form) this.form = new Form(textOf(this.template), { draft: `template.${this.key}.${this.language}` });
			this.error = undefined;
		} catch (thrown) {
			this.error = asApiError(thrown);
		}
	}

	/** Draws the preview for what is typed; an older answer is dropped. */
	async show(): Promise<void> {
		if (!this.form) return;
		const turn = ++this.#turn;
		const body = { ...$state.snapshot(this.form.values), language: this.language, contact_id: this.contact || undefined };
		try {
			const preview = await take(this.api.POST('/api/staff/mail/templates/{key}/preview', { params: { path: { key: this.key } }, body }));
			if (turn === this.#turn) this.preview = preview;
		} catch (thrown) {
			if (turn === this.#turn) this.form.fail(asApiError(thrown));
		}
	}

	/** People to preview with. */
	async find(query: string): Promise<void> {
		try {
			const { items } = await take(this.api.GET('/api/staff/contacts', { params: { query: { search: query.trim() || undefined, limit: 8 } } }));
			this.people = [{ value: '', label: t('templates.sample') }, ...items.map(({ id, name, emails }) => ({ value: id, label: name, detail: emails[0] ?? '' }))];
		} catch {
			this.people = [{ value: '', label: t('templates.sample') }];
		}
	}

	/** The values that may stand in a part of this mail. */
	valuesFor(part: Part): readonly Value[] {
		return this.values.filter((value) => (value.templates.length === 0 || value.templates.includes(this.key)) && (part === 'body' || !value.body_only));
	}

	/** Puts a value where the cursor stands; returns where it stands then. */
	insert(part: Part, name: string, start: number, end: number): number {
		if (!this.form) return start;
		const text = this.form.values[part];
		const value = `{{${name}}}`;
		this.form.values[part] = text.slice(0, start) + value + text.slice(end);
		return start + value.length;
	}

	/** Takes the suggested name for a value that does not exist. */
	repair(problem: Problem): void {
		if (!this.form || !problem.suggestion) return;
		const text = this.form.values[problem.part];
		const wrong = text.slice(problem.start, problem.end);
		this.form.values[problem.part] = text.slice(0, problem.start) + wrong.replace(problem.name, problem.suggestion) + text.slice(problem.end);
	}

	async save(): Promise<void> {
		const saved = await this.form?.submit(async (values) => {
			this.template = await take(this.api.PUT('/api/staff/mail/templates/{key}/{language}', { params: { path: this.#path }, body: values }));
			return textOf(this.template);
		});
		if (saved) this.toasts.show({ text: t('templates.saved') });
	}

	/** Back to the original, with undo. */
	async restore(): Promise<void> {
		const before = this.template && textOf(this.template);
		try {
			await take(this.api.DELETE('/api/staff/mail/templates/{key}/{language}', { params: { path: this.#path } }));
			await this.#again();
		} catch (thrown) {
			this.toasts.error(asApiError(thrown).message);
			return;
		}
		const undo = async () => {
			if (!before) return;
			await take(this.api.PUT('/api/staff/mail/templates/{key}/{language}', { params: { path: this.#path }, body: before }));
			await this.#again();
		};
		this.toasts.show({ text: t('templates.reset_done'), undo });
	}

	async #again(): Promise<void> {
		this.form?.reset();
		this.form = undefined;
		await this.load();
	}
}
