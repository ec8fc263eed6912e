/** Puts text on the clipboard; false when the page may not. */
export async function copyText(text: string): Promise<boolean> {
	try {
		await navigator.clipboard.writeText(text);
		return true;
	} catch {
		return copyBySelection(text);
	}
}

/** For pages without the permission, e.g. over plain http in a local network. */
function copyBySelection(text: string): boolean {
	const area = document.createElement('textarea');
	area.value = text;
	area.className = 'visually-hidden';
	const host = document.querySelector('dialog[open]') ?? document.body;
	host.append(area);
	area.select();
	const copied = document.execCommand('copy');
	area.remove();
	return copied;
}
