import type { Component } from 'svelte';

/** One line of a Menu or ContextMenu; `separator` draws a line before it. */
export interface MenuItem {
	label: string;
	icon?: Component<{ size?: number | string }>;
	keys?: string;
	danger?: boolean;
	disabled?: boolean;
	/** Present on items that can be on or off. */
	checked?: boolean;
	separator?: boolean;
	onselect(): void;
}
