/** Chromium's event; not in TypeScript's library. */
interface InstallPrompt extends Event {
	prompt(): Promise<unknown>;
	userChoice: Promise<{ outcome: 'accepted' | 'dismissed' }>;
}

interface Device {
	matchMedia(query: string): { matches: boolean };
	addEventListener(type: string, listener: (event: Event) => void): void;
	navigator: { userAgent: string; maxTouchPoints: number; standalone?: boolean };
}

/** Whether and how the portal can be put on the home screen of this device. */
export class Install {
	/** 'prompt': one tap. 'ios': by hand, with a hint. 'no': installed already, or not possible. */
	way = $state<'prompt' | 'ios' | 'no'>('no');
	#prompt: InstallPrompt | undefined;

	constructor(device: Device = window) {
		if (device.matchMedia('(display-mode: standalone)').matches || device.navigator.standalone) return;
		if (isIOS(device.navigator)) this.way = 'ios';
		device.addEventListener('beforeinstallprompt', (event) => {
			event.preventDefault(); // asked when the client wants it, not when the browser does
			this.#prompt = event as InstallPrompt;
			this.way = 'prompt';
		});
		device.addEventListener('appinstalled', () => this.#installed());
	}

	/** Shows the browser's question. A prompt can be used once only. */
	async ask(): Promise<void> {
		const prompt = this.#prompt;
		if (!prompt) return;
		this.#prompt = undefined;
		await prompt.prompt();
		await prompt.userChoice;
		this.way = 'no';
	}

	#installed(): void {
		this.#prompt = undefined;
		this.way = 'no';
	}
}

/** An iPad calls itself a Mac, but no Mac has a touch screen. */
function isIOS({ userAgent, maxTouchPoints }: Device['navigator']): boolean {
	return /iPhone|iPad|iPod/.test(userAgent) || (userAgent.includes('Macintosh') && maxTouchPoints > 1);
}
