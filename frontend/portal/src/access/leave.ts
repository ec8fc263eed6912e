import { draftPrefix, keptName, leaving, queueName } from '$portal/chat/names';

/** Why the sign-in page is shown; the server knows the same words. */
export type Notice = 'signed_out' | 'session_ended';

export interface Door {
	caches?: Pick<CacheStorage, 'keys' | 'delete'>;
	drafts: Pick<Storage, 'clear'>;
	/** Where drafts of messages outlive the page. */
	kept?: Pick<Storage, 'removeItem'> & Record<string, unknown>;
	bases?: Pick<IDBFactory, 'deleteDatabase'>;
	path: string;
	go(address: string): void;
}

/** The page's own door. */
export function door(): Door {
	return {
		caches: 'caches' in window ? window.caches : undefined,
		drafts: sessionStorage,
		kept: localStorage,
		bases: globalThis.indexedDB,
		path: location.pathname + location.search,
		go: (address) => location.replace(address),
	};
}

/**
 * Ends the app on this device: no copy of anything stays behind. Unsent text
 * is kept when the session ended by itself (it is bound to the contact) and
 * thrown away when the client signed out.
 */
export async function leave(notice: Notice, { caches, drafts, kept, bases, path, go }: Door): Promise<void> {
	leaving.begun = true;
	try {
		if (bases) await Promise.all((notice === 'signed_out' ? [keptName, queueName] : [keptName]).map((name) => deleted(bases, name)));
		for (const name of (await caches?.keys()) ?? []) await caches?.delete(name);
	} catch {
		// Storage can be forbidden; then nothing was kept either.
	}
	if (notice === 'signed_out') {
		drafts.clear();
		for (const key of Object.keys(kept ?? {})) if (key.startsWith(draftPrefix)) kept?.removeItem(key);
		return go('/login?notice=signed_out');
	}
	go(`/login?${new URLSearchParams({ next: path, notice })}`);
}

const patience = 2_000;

/** Waits until it is gone, as long as a page that still has it open takes to let go. */
function deleted(bases: Pick<IDBFactory, 'deleteDatabase'>, name: string): Promise<void> {
	return new Promise((done) => {
		const request = bases.deleteDatabase(name);
		request.onsuccess = request.onerror = () => done();
		setTimeout(done, patience);
	});
}
