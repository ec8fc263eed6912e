// @ts-check
// Runs before the first paint, so that neither the theme nor the language
// direction flashes. The shell is the same bytes for everyone; what this
// device chose last is only known here.
(() => {
	const root = document.documentElement;
	try {
		const theme = localStorage.getItem('portico.theme');
		if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
		const language = localStorage.getItem('portico.language') || navigator.language.split('-')[0];
		if (language === 'de') root.lang = language;
	} catch {
		// Storage can be forbidden; the device's own scheme is a good answer.
	}
})();
