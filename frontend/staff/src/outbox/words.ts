import { i18n } from '$kit/i18n/catalogue.svelte';

/** The name of a kind of mail; kinds we have no word for are shown as they are. */
export function kindName(kind: string): string {
	const key = `outbox.kind_${kind}`;
	return i18n.has(key) ? i18n.text(key) : kind;
}

/** The name of a step of the test; steps we have no word for are shown as they are. */
export function stepName(step: string): string {
	const key = `account.step_${step}`;
	return i18n.has(key) ? i18n.text(key) : step;
}
