// @ts-check
// Runs before the first paint, so that the theme does not flash. The shell is
// the same bytes for everyone; what this device chose last is only known here.
try {
	const theme = localStorage.getItem('portico.theme');
	if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
	// Storage can be forbidden; the device's own scheme is a good answer.
}
