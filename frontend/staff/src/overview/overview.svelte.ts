import { take } from '$kit/api/client';
import { asApiError, type ApiError } from '$kit/api/errors';
import type { AuditEntry, Overview } from '$kit/api/types/staff';
import { Feed } from '$kit/lists/feed.svelte';
import type { Toasts } from '$kit/ui/toast/toasts.svelte';
import type { Api } from '$staff/api';
import { t } from '$staff/i18n';
import { auditActions } from './audit';

type Step = Overview['setup']['steps'][number];
export type StepKey = Step['key'];

/** Home: the numbers, what needs somebody, and the first steps. */
export class Home {
	value = $state.raw<Overview | undefined>(undefined);
	error = $state.raw<ApiError | undefined>(undefined);
	/** The step that is open; by itself the first that is neither done nor skipped. */
	#opened = $state<StepKey | undefined>(undefined);

	constructor(
		private api: Api,
		private toasts: Toasts,
	) {}

	get steps(): readonly Step[] {
		return this.value?.setup.steps ?? [];
	}

	get step(): StepKey {
		return this.#opened ?? this.steps.find((step) => !step.done && !step.skipped)?.key ?? this.steps.at(-1)?.key ?? 'business';
	}

	/** Nothing is left that was neither done nor skipped. */
	get complete(): boolean {
		return this.steps.every((step) => step.done || step.skipped);
	}

	/** Nobody is here and nothing can be sent: the demo business does not mix with anything of the owner's. */
	get untouched(): boolean {
		return this.value?.contacts === 0 && !this.steps.some((step) => step.key === 'mail' && step.done);
	}

	async load(): Promise<void> {
		try {
			this.value = await take(this.api.GET('/api/staff/overview'));
			this.error = undefined;
		} catch (thrown) {
			this.error = asApiError(thrown);
		}
	}

	openStep(key: StepKey): void {
		this.#opened = key;
	}

	/** A step was done: looks again and opens the next that is left. */
	async next(): Promise<void> {
		const at = this.steps.findIndex((step) => step.key === this.step);
		await this.load();
		const rest = [...this.steps.slice(at + 1), ...this.steps.slice(0, at + 1)];
		this.#opened = rest.find((step) => !step.done && !step.skipped)?.key ?? this.steps.at(-1)?.key;
	}

	async skip(key: StepKey): Promise<void> {
		this.#mark((step) => (step.key === key ? { ...step, skipped: true } : step));
		if (await this.#note({ key, skipped: true })) await this.next();
	}

	/** The first steps make room for the everyday Home. */
	async finish(): Promise<void> {
		if (!(await this.#note({ finished: true })) || !this.value) return;
		this.value = { ...this.value, setup: { ...this.value.setup, finished: true } };
		this.toasts.show({ text: t('setup.finished') });
	}

	async #note(body: { key?: StepKey; skipped?: boolean; finished?: boolean }): Promise<boolean> {
		const before = this.value;
		try {
			await take(this.api.POST('/api/staff/overview/setup', { body }));
			return true;
		} catch (thrown) {
			this.toasts.error(asApiError(thrown).message);
			if (before && body.key) this.#mark((step) => (step.key === body.key ? { ...step, skipped: false } : step));
			return false;
		}
	}

	#mark(change: (step: Step) => Step): void {
		if (this.value) this.value = { ...this.value, setup: { ...this.value.setup, steps: this.value.setup.steps.map(change) } };
	}
}

/** The audit log with its filter. */
export class AuditLog {
	search = $state('');
	action = $state('');
	/** Actions to choose from: those we have words for, and others that were seen. */
	actions = $state.raw<readonly string[]>(auditActions);
	readonly entries: Feed<AuditEntry>;

	constructor(private api: Api) {
		this.entries = new Feed(async (cursor, signal) => {
			const query = { search: this.search.trim() || undefined, action: this.action || undefined, cursor };
			const page = await take(api.GET('/api/staff/audit', { params: { query }, signal }));
			this.actions = [...new Set([...this.actions, ...page.items.map((entry) => entry.action)])];
			return page;
		});
	}

	async ask(change: { search?: string; action?: string }): Promise<void> {
		this.search = change.search ?? this.search;
		this.action = change.action ?? this.action;
		await this.entries.load();
	}

	/** The whole log as CSV text. */
	async csv(): Promise<string> {
		return take(this.api.GET('/api/staff/audit/export', { parseAs: 'text' }));
	}
}
