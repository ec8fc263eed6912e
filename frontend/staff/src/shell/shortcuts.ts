import { t } from '$staff/i18n';

/** What the sheet behind `?` shows. */
export function shortcutGroups() {
	return [
		{
			title: t('keys.everywhere'),
			items: [
				{ keys: 'mod+k', label: t('keys.palette') },
				{ keys: '?', label: t('keys.shortcuts') },
				{ keys: 'c', label: t('keys.new_contact') },
				{ keys: 'g+h/c/m/o/p', label: t('keys.go') },
				{ keys: '[', label: t('keys.sidebar') },
				{ keys: 'mod+z', label: t('keys.undo') },
			],
		},
		{
			title: t('keys.lists'),
			items: [
				{ keys: 'up+down', label: t('keys.move') },
				{ keys: 'left+right', label: t('keys.cells') },
				{ keys: 'x', label: t('keys.select') },
				{ keys: 'shift+x', label: t('keys.select_range') },
				{ keys: 'mod+a', label: t('keys.select_all') },
				{ keys: 'space', label: t('keys.peek') },
				{ keys: 'enter', label: t('keys.open') },
				{ keys: '/', label: t('keys.search') },
				{ keys: 'esc', label: t('keys.close') },
			],
		},
		{
			title: t('keys.chat'),
			items: [
				{ keys: 'j+k', label: t('keys.chat_next') },
				{ keys: 'r', label: t('keys.chat_reply') },
				{ keys: 'n', label: t('keys.chat_note') },
				{ keys: 'e', label: t('keys.chat_done') },
				{ keys: 'h', label: t('keys.chat_snooze') },
				{ keys: 'o', label: t('keys.chat_contact') },
				{ keys: 'i', label: t('keys.chat_panel') },
				{ keys: 'm', label: t('keys.chat_new') },
				{ keys: 'up+down', label: t('keys.chat_messages') },
			],
		},
	];
}
