import { followLinks } from '$kit/router/router.svelte';
import { applyTheme } from '$kit/theme/theme';
import { Work } from '$kit/work/work.svelte';
import { api } from './api';
import { router } from './router';
import { connection } from './shell/connection.svelte';
import { Session } from './shell/session.svelte';
import { native } from './shell/native';
import { Notices } from './shell/notices.svelte';
import { Shell } from './shell/shell.svelte';

/** The state every page shares; made once. */
export const session = new Session(api, applyTheme, () => connection.end());
export const shell = new Shell(api, localStorage);
export const notices = new Notices(native(), localStorage, () => document.hasFocus());
export const work = new Work();
export const onclick = followLinks(router);
