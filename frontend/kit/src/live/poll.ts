import { asFrame, type Listener } from './live';
import { pause, type SocketOptions } from './socket';

/** What a closed socket says when the session is over. */
const signedOut = 4401;

/** A name for a mailbox that nobody guesses. */
function mailbox(): string {
	const bytes = crypto.getRandomValues(new Uint8Array(16));
	return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Asks again and again for frames, each time as long as the server lets it wait. Returns how to stop. */
export function poll(path: string, options: SocketOptions, deliver: Listener, onGap: () => void, onEnd: (code: number) => void): () => void {
	const send = options.fetch ?? ((...args: Parameters<typeof fetch>) => fetch(...args));
	const stopping = new AbortController();
	const url = new URL(path, location.href);
	url.searchParams.set('id', mailbox());
	let failed = 0;
	const once = async () => {
		const response = await send(url.href, { credentials: 'same-origin', cache: 'no-store', signal: stopping.signal });
		if (response.status === 401) {
			stopping.abort();
			return onEnd(signedOut);
		}
		if (!response.ok) throw new Error(`answered ${response.status}`);
		const { frames } = (await response.json()) as { frames: unknown[] };
		if (stopping.signal.aborted) return;
		if (failed > 0) onGap(); // an answer may have been lost with its frames
		failed = 0;
		for (const data of frames) {
			const frame = asFrame(data);
			if (frame) deliver(frame);
		}
	};
	const run = async () => {
		while (!stopping.signal.aborted) {
			try {
				await once();
			} catch {
				failed += 1;
				await new Promise((wake) => setTimeout(wake, pause(failed, options.random ?? Math.random)));
			}
		}
	};
	void run();
	return () => stopping.abort();
}
