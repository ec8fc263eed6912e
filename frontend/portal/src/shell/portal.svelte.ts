import { i18n } from '$kit/i18n/catalogue.svelte';
import { Live, opened, socketSource } from '$kit/live/live';
import { Router } from '$kit/router/router.svelte';
import { applyTheme } from '$kit/theme/theme';
import { Devices } from '$portal/access/devices.svelte';
import { door, leave, type Notice } from '$portal/access/leave';
import type { Me } from '$portal/api/paths';
import { portalApi, type PortalApiOptions } from '$portal/api/portal';
import { chatApi } from '$portal/chat/api';
import type { Chat } from '$portal/chat/chat.svelte';
import type * as chatDoor from '$portal/chat/door';
import { Inbox } from '$portal/chat/inbox.svelte';
import { waitingName } from '$portal/chat/names';
import { Home } from '$portal/overview/home.svelte';
import { Install } from './install.svelte';
import { chosenLocale } from './language';

type ChatDoor = typeof chatDoor;

const sessionEnded = 4401;
const stale = 60_000;
const soon = 10_000;

/** The app: its parts, and what happens between them. */
export class Portal {
	readonly router = new Router({ home: '/', chat: '/chat', conversation: '/chat/:id', profile: '/profile', devices: '/devices' });
	readonly install = new Install();
	/** The last request did not reach the server. */
	outOfReach = $state(false);
	#options: PortalApiOptions = {
		language: () => i18n.locale,
		onSignedOut: () => void this.#leave('session_ended'),
		onReach: (reached) => {
			this.outOfReach = !reached;
			if (!reached) this.#lookAgain();
		},
	};
	readonly api = portalApi(this.#options);
	#chatApi = chatApi(this.#options);
	readonly inbox = new Inbox(this.#chatApi, () => this.home.data?.me.contact_id);
	#chat: Promise<Chat> | undefined;
	readonly home = new Home(this.api);
	readonly devices = new Devices(this.api);
	#live = new Live(socketSource('/api/portal/live', { final: [sessionEnded] }), () => void this.#leave('session_ended'));
	#leaving = false;
	/** The client wants out: however the end of the session is heard of first, nothing of theirs stays. */
	#signingOut = false;
	#again: ReturnType<typeof setTimeout> | undefined;

	/** Loads the first home. False when the session is over and the page is about to go. */
	async start(): Promise<boolean> {
		await this.#refresh();
		if (this.#leaving) return false;
		this.#live.on('home', () => void this.#refresh());
		this.#live.on('me', () => void this.#refresh());
		this.#live.on('sessions', () => void (this.devices.items && this.devices.load()));
		for (const topic of ['chat.message', 'chat.conversation', 'chat.marks', 'resync']) this.#live.on(topic, (frame) => this.inbox.hear(frame));
		this.#live.on(opened, () => void this.inbox.load());
		this.#live.start();
		void this.inbox.load();
		// What was written without a connection is sent, whatever page is open.
		if (localStorage.getItem(waitingName)) this.openChat().catch(() => {});
		window.addEventListener('online', () => {
			// At once: the socket would wait out its pause first.
			this.#live.stop();
			this.#live.start();
			this.#rouse();
			void this.#refresh();
		});
		document.addEventListener('visibilitychange', () => {
			if (document.visibilityState !== 'visible') return;
			this.#rouse();
			void this.home.loadIfOlderThan(stale).then(() => this.#follow());
		});
		return true;
	}

	/** Loads what chat needs; the first page does not wait for it. */
	async openChat(): Promise<Pick<ChatDoor, 'Page' | 'Preferences'> & { chat: Chat }> {
		const { Page, Preferences, Chat, ChatStore } = await import('$portal/chat/door');
		const me = this.home.data?.me.contact_id ?? '';
		this.#chat ??= Promise.resolve(new Chat({ api: this.#chatApi, inbox: this.inbox, store: new ChatStore(me), live: this.#live, me }));
		const chat = await this.#chat;
		await chat.ready();
		return { Page, Preferences, chat };
	}

	/** A phone sleeps through every push, and so does whoever has no connection. */
	#rouse(): void {
		void this.inbox.load();
		void this.#chat?.then((chat) => chat.resume());
	}

	/** Tries again after an error. */
	retry(): Promise<void> {
		this.#rouse();
		return this.#refresh();
	}

	/** The profile was saved here: the name follows at once, and the server tells the rest in the new language. */
	adopt(me: Me): void {
		this.home.adopt(me);
		void this.#follow().then(() => this.#refresh());
	}

	async signOut(): Promise<void> {
		this.#signingOut = true;
		try {
			await this.api.signOut();
		} catch (error) {
			this.#signingOut = false;
			throw error;
		}
		await this.#leave('signed_out');
	}

	async #refresh(): Promise<void> {
		clearTimeout(this.#again);
		await this.home.load();
		await this.#follow();
		if (this.home.keptAt) this.#lookAgain();
	}

	/** Out of reach: looked for again until it is there, without the client doing anything. */
	#lookAgain(): void {
		clearTimeout(this.#again);
		this.#again = setTimeout(() => void this.#refresh(), soon);
	}

	/** Language, time zone and theme are the client's own on every device. */
	async #follow(): Promise<void> {
		const me = this.home.data?.me;
		if (!me) return;
		applyTheme(me.theme);
		i18n.timeZone = me.time_zone || undefined;
		const locale = chosenLocale(me.language);
		if (locale !== i18n.locale) await i18n.use(locale);
	}

	async #leave(notice: Notice): Promise<void> {
		if (this.#leaving) return;
		this.#leaving = true;
		this.#live.stop();
		clearTimeout(this.#again);
		await leave(this.#signingOut ? 'signed_out' : notice, door());
	}
}
