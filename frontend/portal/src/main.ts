import { mount } from 'svelte';
import { i18n } from '$kit/i18n/catalogue.svelte';
import App from './shell/App.svelte';
import { rememberedLocale } from './shell/language';
import { keepOffline } from './shell/offline';
import './shell/portal.css';
import { Portal } from './shell/portal.svelte';
import './shell/words';

const target = document.getElementById('app');
if (!target) throw new Error('the shell has no #app');

const portal = new Portal();
const [staying] = await Promise.all([portal.start(), i18n.use(rememberedLocale())]);
// Until here the prepared shell is on screen; it goes when there is something to see.
if (staying) {
	target.replaceChildren();
	mount(App, { target, props: { portal } });
	keepOffline();
}
