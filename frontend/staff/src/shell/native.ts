/** The verbs of the window, bound by app/native.go; absent in a browser. */
export interface Native {
	SaveFile(name: string, text: string): Promise<boolean>;
	OpenBrowser(url: string): Promise<void>;
	OpenFolder(path: string): Promise<void>;
	/** False where the system shows no notifications. */
	Notify(title: string, text: string): Promise<boolean>;
	/** The same; a press on it shows the window at a path. */
	NotifyAbout(title: string, text: string, path: string): Promise<boolean>;
	ServerState(): Promise<ServerState>;
	SetAutostart(on: boolean): Promise<void>;
	SetOnClose(choice: OnClose): Promise<void>;
}

/** What closing the window does; "" asks. */
export type OnClose = 'background' | 'quit' | '';

/** What the window knows about the program around it. */
export interface ServerState {
	/** Where the portal listens on this computer. */
	portal: string;
	/** A sentence, when that is not where it should be. */
	note: string;
	/** The data folder. */
	data: string;
	autostart: boolean;
	on_close: OnClose;
}

declare global {
	interface Window {
		go?: { app?: { Native?: Native } };
	}
}

/** The verbs, or undefined in a browser. */
export function native(): Native | undefined {
	return window.go?.app?.Native;
}

/** Whether the page runs in Portico's own window. */
export function inWindow(): boolean {
	return native() !== undefined;
}

/** Opens a web address in the person's browser. */
export function openOutside(url: string): void {
	const verbs = native();
	if (verbs) void verbs.OpenBrowser(url);
	else window.open(url, '_blank', 'noopener');
}

export function openFolder(path: string): void {
	void native()?.OpenFolder(path);
}

/** Saves a text file: the window asks where, a browser downloads. */
export async function saveText(name: string, type: string, text: string): Promise<void> {
	const verbs = native();
	if (verbs) {
		await verbs.SaveFile(name, text);
		return;
	}
	const link = document.createElement('a');
	link.href = URL.createObjectURL(new Blob([text], { type }));
	link.download = name;
	link.click();
	URL.revokeObjectURL(link.href);
}
