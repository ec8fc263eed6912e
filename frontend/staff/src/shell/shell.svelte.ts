import { take } from '$kit/api/client';
import type { Domain, Health, TimelineItem } from '$kit/api/types/staff';
import type { Api } from '$staff/api';

const key = 'portico.sidebar';

/** What stays around every page: sidebar, badges, the bell and the health light. */
export class Shell {
	collapsed = $state(false);
	/** On a narrow screen the sidebar is a drawer over the page. */
	narrow = $state(false);
	menu = $state(false);
	waiting = $state(0);
	problems = $state(0);
	unseen = $state(0);
	notifications = $state.raw<TimelineItem[]>([]);
	/** The bell has been asked at least once. */
	bellKnown = $state(false);
	/** What was to be told about the portal's address, newest first. */
	domainNotices = $state.raw<Domain['notices'] | undefined>(undefined);
	health = $state.raw<Health | undefined>(undefined);

	constructor(
		private api: Api,
		private store: Pick<Storage, 'getItem' | 'setItem'>,
	) {
		this.collapsed = store.getItem(key) === 'collapsed';
	}

	toggleSidebar(): void {
		this.collapsed = !this.collapsed;
		this.store.setItem(key, this.collapsed ? 'collapsed' : 'open');
	}

	/** Everything around the page; a part that does not answer keeps what it showed. */
	async load(): Promise<void> {
		await Promise.all([this.loadMail(), this.loadNotifications(), this.loadDomainNotices(), this.loadHealth()]);
	}

	loadMail(): Promise<void> {
		return quietly(async () => {
			const counts = await take(this.api.GET('/api/staff/mail/counts'));
			this.waiting = counts.queued + counts.sending + counts.retry;
			this.problems = counts.failed + counts.unknown;
		});
	}

	loadNotifications(): Promise<void> {
		return quietly(async () => {
			const answer = await take(this.api.GET('/api/staff/overview/notifications'));
			this.notifications = answer.items;
			this.unseen = answer.unseen;
			this.bellKnown = true;
		});
	}

	loadDomainNotices(): Promise<void> {
		return quietly(async () => {
			this.domainNotices = (await take(this.api.GET('/api/staff/domain'))).notices;
		});
	}

	loadHealth(): Promise<void> {
		return quietly(async () => {
			this.health = await take(this.api.GET('/api/staff/overview/health'));
		});
	}

	/** The bell was opened. The badge comes back when that could not be noted. */
	async seen(): Promise<void> {
		const before = this.unseen;
		if (before === 0) return;
		this.unseen = 0;
		try {
			await take(this.api.POST('/api/staff/overview/notifications/seen'));
		} catch {
			this.unseen = before;
		}
	}
}

/** For what stands beside the page: when it fails the page itself says so. */
async function quietly(load: () => Promise<void>): Promise<void> {
	try {
		await load();
	} catch {
		// The old value stays; the offline banner and the page tell.
	}
}
