import { asApiError, errorOf } from '$kit/api/errors';
import { toasts } from '$kit/ui/toast/toasts.svelte';
import { native } from './native';

const step = 0x8000;

function base64(bytes: Uint8Array): string {
	let text = '';
	for (let at = 0; at < bytes.length; at += step) text += String.fromCharCode(...bytes.subarray(at, at + step));
	return btoa(text);
}

/** Saves what an address of the API answers: the window asks where, a browser downloads. */
export async function saveFrom(url: string, name: string): Promise<void> {
	try {
		const verbs = native();
		if (!verbs) {
			const link = document.createElement('a');
			link.href = url;
			link.download = name;
			link.click();
			return;
		}
		const answer = await fetch(url, { credentials: 'same-origin' });
		if (!answer.ok) throw await errorOf(answer);
		const type = answer.headers.get('Content-Type')?.split(';')[0] || 'application/octet-stream';
		await verbs.SaveFile(name, `data:${type};base64,${base64(new Uint8Array(await answer.arrayBuffer()))}`);
	} catch (thrown) {
		toasts.error(asApiError(thrown).message);
	}
}
