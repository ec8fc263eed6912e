import { take } from '$kit/api/client';
import { asApiError, type ApiError } from '$kit/api/errors';
import type { Domain, DomainGuide, DomainOptionsInput, DomainRecordKind } from '$kit/api/types/staff';
import { Form, type Drafts } from '$kit/forms/form.svelte';
import type { Toasts } from '$kit/ui/toast/toasts.svelte';
import type { Api } from '$staff/api';
import { t } from '$staff/i18n';

/** What the owner wants: a name, and how it is to point here. */
export interface Wish {
	name: string;
	record: DomainRecordKind;
	alias: string;
}

type Doing = 'check' | 'update' | 'retry' | 'cancel' | 'drop' | 'default' | 'forget';

function wishOf(domain: Domain): Wish {
	return { name: domain.name?.display ?? '', record: domain.name?.record ?? 'address', alias: domain.name?.alias ?? '' };
}

/** The portal's own address: the name, what DNS says of it, and the change to it. */
export class DomainSetup {
	value = $state.raw<Domain | undefined>(undefined);
	form = $state.raw<Form<Wish> | undefined>(undefined);
	error = $state.raw<ApiError | undefined>(undefined);
	/** What a button began and the answer is still awaited of. */
	doing = $state<Doing | undefined>(undefined);
	guides = $state.raw<{ id: string; name: string }[]>([]);
	guide = $state.raw<DomainGuide | undefined>(undefined);
	#chosenGuide: string | undefined;

	constructor(
		private api: Api,
		private toasts: Toasts,
		private drafts: Drafts,
	) {}

	async load(): Promise<void> {
		try {
			this.#show(await take(this.api.GET('/api/staff/domain')));
			this.error = undefined;
		} catch (thrown) {
			this.error = asApiError(thrown);
		}
	}

	/** Sets the entered name up; its records are shown and watched from then on. */
	async choose(): Promise<void> {
		await this.form?.submit(async ({ name, record, alias }) => {
			const domain = await take(this.api.PUT('/api/staff/domain', { body: { name, record, alias: record === 'alias' ? alias : undefined } }));
			this.#show(domain);
			return wishOf(domain);
		});
	}

	check = () => this.#try('check', () => take(this.api.POST('/api/staff/domain/check', { body: {} })).then(() => take(this.api.GET('/api/staff/domain'))));
	update = () => this.#try('update', () => take(this.api.POST('/api/staff/domain/update')));
	retry = () => this.#try('retry', () => take(this.api.POST('/api/staff/domain/retry')));
	cancel = () => this.#try('cancel', () => take(this.api.DELETE('/api/staff/domain/update')));
	drop = () => this.#try('drop', () => take(this.api.DELETE('/api/staff/domain/name')));
	backToDefault = () => this.#try('default', () => take(this.api.DELETE('/api/staff/domain')));
	forget = (name: string) => this.#try('forget', () => take(this.api.DELETE('/api/staff/domain/former/{name}', { params: { path: { name } } })));

	/** Shows another provider's guide than the one that was recognised. */
	async showGuide(id: string): Promise<void> {
		this.#chosenGuide = id;
		await this.#loadGuide(id);
	}

	/** Subject and text of a mail to whoever runs the domain. */
	async instructions(): Promise<{ subject: string; text: string } | undefined> {
		try {
			return await take(this.api.GET('/api/staff/domain/instructions'));
		} catch (thrown) {
			this.toasts.error(asApiError(thrown).message);
			return undefined;
		}
	}

	/** All that is known, as text for whoever helps. */
	async report(): Promise<string | undefined> {
		try {
			return (await take(this.api.GET('/api/staff/domain/report'))).text;
		} catch (thrown) {
			this.toasts.error(asApiError(thrown).message);
			return undefined;
		}
	}

	/** Changes options; throws what stands beside their fields. */
	async setOptions(change: DomainOptionsInput): Promise<void> {
		this.#show(await take(this.api.PATCH('/api/staff/domain/options', { body: change })));
	}

	/** A single option of a switch: shown at once, taken back when refused. */
	async flip(change: DomainOptionsInput): Promise<void> {
		const before = this.value;
		if (before) this.value = { ...before, options: { ...before.options, ...(change as object) } };
		try {
			await this.setOptions(change);
		} catch (thrown) {
			this.value = before;
			this.toasts.error(asApiError(thrown).message);
		}
	}

	async #try(doing: Doing, change: () => Promise<Domain>): Promise<boolean> {
		if (this.doing) return false;
		this.doing = doing;
		try {
			this.#show(await change());
			return true;
		} catch (thrown) {
			this.toasts.error(asApiError(thrown).message);
			return false;
		} finally {
			this.doing = undefined;
		}
	}

	#show(domain: Domain): void {
		const recognised = domain.provider.id !== this.value?.provider.id;
		const moved = JSON.stringify(domain.records) !== JSON.stringify(this.value?.records);
		this.value = domain;
		const wish = wishOf(domain);
		if (this.form) this.form.refresh(wish);
		else this.form = new Form(wish, { draft: 'domain', drafts: this.drafts, check: ({ name }) => ({ name: name.trim() ? undefined : t('domain.name_missing') }) });
		if (domain.name && (recognised || moved || !this.guide)) void this.#loadGuide(this.#chosenGuide ?? domain.provider.id);
	}

	async #loadGuide(id: string): Promise<void> {
		try {
			const [guide, list] = await Promise.all([take(this.api.GET('/api/staff/domain/guides/{id}', { params: { path: { id } } })), this.guides.length > 0 ? undefined : take(this.api.GET('/api/staff/domain/guides'))]);
			this.guide = guide;
			if (list) this.guides = list.items ?? [];
		} catch {
			this.guide = undefined; // the records stand above it and say the same
		}
	}
}
