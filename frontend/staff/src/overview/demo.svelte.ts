import { take } from '$kit/api/client';
import { asApiError } from '$kit/api/errors';
import type { Toasts } from '$kit/ui/toast/toasts.svelte';
import type { Api } from '$staff/api';
import { t } from '$staff/i18n';

/** The made-up business: put there in one step, taken away in one. */
export class Demo {
	busy = $state<'adding' | 'removing' | undefined>(undefined);
	/** Whether it is there, or a part of it that was cut off. */
	there = $state(false);

	constructor(
		private api: Api,
		private toasts: Toasts,
	) {}

	/** Asks whether it is there. Without an answer nothing is offered: taking it away can wait. */
	async load(): Promise<void> {
		try {
			this.there = (await take(this.api.GET('/api/staff/demo'))).there;
		} catch {
			// Whoever shows this page loads more than this and says so.
		}
	}

	/** True when it is there and the first steps made room for it. */
	async add(): Promise<boolean> {
		return this.#run('adding', async () => {
			await take(this.api.POST('/api/staff/demo'));
			await this.#firstSteps(true);
			this.toasts.show({ text: t('demo.added') });
		});
	}

	/** True when it is gone; the first steps are back when nobody else is here. */
	async remove(): Promise<boolean> {
		return this.#run('removing', async () => {
			await take(this.api.DELETE('/api/staff/demo'));
			const left = await take(this.api.GET('/api/staff/overview'));
			if (left.contacts === 0 && left.setup.finished) await this.#firstSteps(false);
			this.toasts.show({ text: t('demo.removed') });
		});
	}

	async #firstSteps(finished: boolean): Promise<void> {
		await take(this.api.POST('/api/staff/overview/setup', { body: { finished } }));
	}

	async #run(what: 'adding' | 'removing', work: () => Promise<void>): Promise<boolean> {
		if (this.busy) return false;
		this.busy = what;
		try {
			await work();
			return true;
		} catch (thrown) {
			this.toasts.error(asApiError(thrown).message);
			return false;
		} finally {
			await this.load(); // what was cut off is there in part
			this.busy = undefined;
		}
	}
}
