import { asApiError } from '$kit/api/errors';
import type { Toasts } from '$kit/ui/toast/toasts.svelte';
import type { Native, OnClose, ServerState } from '$staff/shell/native';

type Verbs = Pick<Native, 'ServerState' | 'SetAutostart' | 'SetOnClose' | 'OpenFolder'>;

/** How the window and the program around it behave on this computer. */
export class WindowSettings {
	state = $state.raw<ServerState | undefined>(undefined);

	constructor(
		private verbs: Verbs,
		private toasts: Toasts,
	) {}

	async load(): Promise<void> {
		await this.#try(async () => void (this.state = await this.verbs.ServerState()));
	}

	async setAutostart(autostart: boolean): Promise<void> {
		await this.#change({ autostart }, () => this.verbs.SetAutostart(autostart));
	}

	async setOnClose(on_close: OnClose): Promise<void> {
		await this.#change({ on_close }, () => this.verbs.SetOnClose(on_close));
	}

	async openData(): Promise<void> {
		await this.#try(() => this.verbs.OpenFolder(''));
	}

	/** Shows the change at once and takes it back when the computer refuses. */
	async #change(change: Partial<ServerState>, set: () => Promise<void>): Promise<void> {
		const before = this.state;
		if (!before) return;
		this.state = { ...before, ...change };
		if (!(await this.#try(set))) this.state = before;
	}

	async #try(act: () => Promise<void>): Promise<boolean> {
		try {
			await act();
			return true;
		} catch (thrown) {
			this.toasts.error(asApiError(thrown).message);
			return false;
		}
	}
}
