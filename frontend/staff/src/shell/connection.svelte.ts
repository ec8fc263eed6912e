/** Whether Portico is there, and whether this window may still speak to it. */
class Connection {
	online = $state(true);
	/** The session of this browser is over. */
	ended = $state(false);
	#waiting = new Set<() => void>();

	reach(reached: boolean): void {
		const back = reached && !this.online;
		this.online = reached;
		if (back) for (const tell of this.#waiting) tell();
	}

	end(): void {
		this.ended = true;
	}

	/** Calls back when Portico is reached again. */
	onBack(tell: () => void): () => void {
		this.#waiting.add(tell);
		return () => this.#waiting.delete(tell);
	}
}

export const connection = new Connection();
