import type { Page } from 'playwright-core';

/** What a client's browser does in the chat, from a page of the portal that is signed in. */
export interface Talker {
	say(conversation: string, text: string): Promise<{ id: string; seq: number }>;
	mark(conversation: string, marks: { read?: number; delivered?: number }): Promise<void>;
	type(conversation: string): Promise<void>;
	/** Answers the bytes of everything that a client can ask of a conversation. */
	everything(conversation: string): Promise<string>;
	/** Is there, with a socket, until the page is left. Answers what came over it so far. */
	arrive(): Promise<() => Promise<string>>;
}

/** The portal's API with the cookies of a signed-in page. */
export function talker(page: Page): Talker {
	const call = async (method: string, path: string, body?: unknown): Promise<string> =>
		page.evaluate(
			async ([verb, address, sent]) => {
				const answer = await fetch(address!, { method: verb, headers: sent ? { 'Content-Type': 'application/json' } : {}, body: sent });
				const text = await answer.text();
				if (!answer.ok) throw new Error(`${verb} ${address}: ${answer.status} ${text}`);
				return text;
			},
			[method, `/api/portal/chat/conversations${path}`, body === undefined ? undefined : JSON.stringify(body)] as const,
		);
	let said = 0;
	return {
		say: async (conversation, text) => JSON.parse(await call('POST', `/${conversation}/messages`, { client_msg_id: `e2e-${said++}-${Date.now()}`, text })) as { id: string; seq: number },
		mark: async (conversation, marks) => void (await call('POST', `/${conversation}/marks`, marks)),
		type: async (conversation) => void (await call('POST', `/${conversation}/typing`)),
		everything: async (conversation) => (await Promise.all([call('GET', ''), call('GET', `/${conversation}`), call('GET', `/${conversation}/messages`), call('GET', `/${conversation}/messages?changes=0`)])).join('\n'),
		async arrive() {
			await page.evaluate(
				() =>
					new Promise<void>((done, fail) => {
						const heard: string[] = [];
						Object.assign(window, { heard });
						const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/api/portal/live`);
						socket.onopen = () => done();
						socket.onerror = () => fail(new Error('no socket'));
						socket.onmessage = (event) => heard.push(String(event.data));
					}),
			);
			return () => page.evaluate(() => (window as unknown as { heard: string[] }).heard.join('\n'));
		},
	};
}

/** The conversation of a contact: known before anything is written in it. */
export function conversationOf(contact: string): string {
	return `cv_${contact.replace(/^ct_/, '')}`;
}
