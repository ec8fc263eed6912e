import { take } from '$kit/api/client';
import { asApiError } from '$kit/api/errors';
import type { Toasts } from '$kit/ui/toast/toasts.svelte';
import type { Api } from '$staff/api';
import { t } from '$staff/i18n';

const key = 'portico.demo';
/** What the demo calls a business that has no name yet. */
const demoName = 'Harbour Physiotherapy';

/** The made-up business: put there in one step, taken away in one. */
export class Demo {
	busy = $state<'adding' | 'removing' | undefined>(undefined);
	#remembered = $state(false);

	constructor(
		private api: Api,
		private toasts: Toasts,
		private store: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>,
	) {
		this.#remembered = store.getItem(key) !== null;
	}

	/** Whether the demo is there, as far as this window knows: it was made here, or the business carries its name. */
	there(business: string | undefined): boolean {
		return this.#remembered || business === demoName;
	}

	/** True when it is there and the first steps made room for it. */
	async add(): Promise<boolean> {
		return this.#run('adding', async () => {
			// Noted before: what was begun and then cut off can be taken away as well.
			this.#remember(true);
			try {
				await take(this.api.POST('/api/staff/demo'));
			} catch (thrown) {
				const { status, code } = asApiError(thrown);
				if (status >= 400 && status < 500 && code !== 'demo.there') this.#remember(false);
				throw thrown;
			}
			await this.#firstSteps(true);
			this.toasts.show({ text: t('demo.added') });
		});
	}

	/** True when it is gone; the first steps are back when they had made room for it. */
	async remove(): Promise<boolean> {
		return this.#run('removing', async () => {
			const made = this.#remembered;
			await take(this.api.DELETE('/api/staff/demo'));
			this.#remember(false);
			if (made) await this.#firstSteps(false);
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
			this.busy = undefined;
		}
	}

	#remember(there: boolean): void {
		this.#remembered = there;
		if (there) this.store.setItem(key, '1');
		else this.store.removeItem(key);
	}
}
