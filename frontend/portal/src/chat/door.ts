// What is loaded when chat is wanted: one file for all of it.
export { default as Page } from './ChatPage.svelte';
export { default as Preferences } from './Preferences.svelte';
export { Chat } from './chat.svelte';
export { ChatStore } from './store';
