import { asApiError } from '../api/errors';

/** What became of one item of long work. */
export interface Outcome {
	id: string;
	label: string;
	status: 'done' | 'skipped' | 'failed';
	reason: string;
}

export interface TaskOptions {
	label: string;
	ids: readonly string[];
	/** How many are sent at once. */
	chunk?: number;
	send(ids: string[]): Promise<Outcome[]>;
	/** Called once at the end, also after a cancel. */
	finished?(task: Task): void;
}

/** One piece of long work: goes on in chunks until done, cancelled or failed. */
export class Task {
	done = $state(0);
	outcomes = $state.raw<Outcome[]>([]);
	state = $state<'running' | 'done' | 'cancelled' | 'failed'>('running');
	error = $state('');
	readonly total: number;
	readonly label: string;

	constructor(private options: TaskOptions) {
		this.total = options.ids.length;
		this.label = options.label;
	}

	get failed(): Outcome[] {
		return this.outcomes.filter((outcome) => outcome.status === 'failed');
	}

	get skipped(): Outcome[] {
		return this.outcomes.filter((outcome) => outcome.status === 'skipped');
	}

	/** What is under way is finished; nothing more is begun. */
	cancel(): void {
		if (this.state === 'running') this.state = 'cancelled';
	}

	async run(): Promise<void> {
		const chunk = this.options.chunk ?? 100;
		try {
			for (let at = 0; at < this.total && this.#going(); at += chunk) {
				const outcomes = await this.options.send(this.options.ids.slice(at, at + chunk));
				this.outcomes = [...this.outcomes, ...outcomes];
				this.done = Math.min(this.total, at + chunk);
			}
			if (this.#going()) this.state = 'done';
		} catch (thrown) {
			this.state = 'failed';
			this.error = asApiError(thrown).message;
		}
		this.options.finished?.(this);
	}

	#going(): boolean {
		return this.state === 'running';
	}
}

/** All long work of the window, shown in the tray. */
export class Work {
	tasks = $state<Task[]>([]);

	start(options: TaskOptions): Task {
		const task = new Task(options);
		this.tasks = [task, ...this.tasks];
		void task.run();
		return task;
	}

	dismiss(task: Task): void {
		this.tasks = this.tasks.filter((other) => other !== task);
	}
}
