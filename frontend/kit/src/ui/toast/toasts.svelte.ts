export interface ToastOptions {
	text: string;
	kind?: 'plain' | 'error';
	/** Takes the action back; offered for ten seconds. */
	undo?(): void | Promise<void>;
	action?: { label: string; run(): void };
}

export interface Toast extends ToastOptions {
	id: number;
}

const withUndo = 10_000;
const plain = 5_000;
const most = 3;

/** Short messages at the edge of the window. */
export class Toasts {
	items = $state.raw<Toast[]>([]);
	#next = 1;
	#timers = new Map<number, ReturnType<typeof setTimeout>>();

	show(options: ToastOptions): number {
		const id = this.#next++;
		for (const old of this.items.slice(0, Math.max(0, this.items.length - most + 1))) this.dismiss(old.id);
		this.items = [...this.items, { ...options, id }];
		this.resume(id);
		return id;
	}

	error(text: string): number {
		return this.show({ text, kind: 'error' });
	}

	dismiss(id: number): void {
		this.pause(id);
		this.items = this.items.filter((toast) => toast.id !== id);
	}

	/** While it is pointed at or focused it stays. */
	pause(id: number): void {
		clearTimeout(this.#timers.get(id));
		this.#timers.delete(id);
	}

	resume(id: number): void {
		this.pause(id);
		const toast = this.items.find((item) => item.id === id);
		if (!toast) return;
		const time = toast.undo || toast.kind === 'error' ? withUndo : plain;
		this.#timers.set(
			id,
			setTimeout(() => this.dismiss(id), time),
		);
	}

	/** Takes back; the toast goes first, so that it cannot be pressed twice. */
	async undo(id: number): Promise<void> {
		const toast = this.items.find((item) => item.id === id);
		this.dismiss(id);
		await toast?.undo?.();
	}

	/** Takes back the newest that can be; false when there is none. */
	async undoLast(): Promise<boolean> {
		const last = this.items.findLast((toast) => toast.undo);
		if (last) await this.undo(last.id);
		return Boolean(last);
	}
}

export const toasts = new Toasts();
