import { Router } from '$kit/router/router.svelte';

export const router = new Router({
	home: '/',
	contacts: '/contacts',
	contact: '/contacts/:id',
	chat: '/chat',
	chat_settings: '/chat/settings',
	talk: '/chat/:id',
	outbox: '/outbox',
	account: '/outbox/account',
	templates: '/outbox/templates',
	template: '/outbox/templates/:key/:language',
	suppressed: '/outbox/do-not-send',
	portal: '/portal',
	domain: '/portal/domain',
	policy: '/portal/sign-in',
	branding: '/portal/branding',
	settings: '/settings',
	health: '/health',
	audit: '/audit',
	help: '/help',
	topic: '/help/:topic',
});

export type RouteName = typeof router.match.name;
