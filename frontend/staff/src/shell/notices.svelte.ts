import { t } from '$staff/i18n';
import type { Native } from './native';

const key = 'portico.notices';

/** What a feed tells, newest first; ids grow with time. */
interface Told {
	id: string;
	text: string;
}

/** Tells the system what came while nobody looked at the window. */
export class Notices {
	on = $state(true);
	/** Of each feed, the newest that was seen. */
	#newest = new Map<string, string>();

	constructor(
		private verbs: Pick<Native, 'Notify' | 'NotifyAbout'> | undefined,
		private store: Pick<Storage, 'getItem' | 'setItem'>,
		private looking: () => boolean,
	) {
		this.on = store.getItem(key) !== 'off';
	}

	/** Takes a feed as it now is; what was there the first time is no news. */
	async tell(feed: 'bell' | 'domain', items: readonly Told[], business: string): Promise<void> {
		const before = this.#newest.get(feed);
		this.#newest.set(feed, items[0]?.id ?? before ?? '');
		if (before === undefined || !this.verbs || !this.on || this.looking()) return;
		const news = items.filter((item) => item.id > before);
		const newest = news[0];
		if (newest) await this.verbs.Notify(business || t('app.name'), news.length === 1 ? newest.text : t('notices.more', { text: newest.text, count: news.length - 1 }));
	}

	/** Tells one thing; a press on it opens its place in the window. */
	async about(title: string, text: string, path: string): Promise<void> {
		if (this.on && !this.looking()) await this.verbs?.NotifyAbout(title, text, path);
	}

	/** Turning it on shows one; false when this computer shows none, and it stays off. */
	async set(on: boolean): Promise<boolean> {
		this.on = on;
		const shown = !on || (await this.verbs?.Notify(t('app.name'), t('notices.sample'))) === true;
		this.on = on && shown;
		this.store.setItem(key, this.on ? 'on' : 'off');
		return shown;
	}
}
