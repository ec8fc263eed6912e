import { mount } from 'svelte';
import '$kit/theme/fonts.css';
import '$kit/theme/staff.css';
import './staff.css';
import { i18n, nearest } from '$kit/i18n/catalogue.svelte';
import { applyTheme, rememberedTheme } from '$kit/theme/theme';
import App from './App.svelte';

applyTheme(rememberedTheme());
await i18n.use(nearest(navigator.languages));
mount(App, { target: document.getElementById('app')! });
