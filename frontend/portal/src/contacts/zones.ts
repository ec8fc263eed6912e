/** A time zone as a person looks for it. */
export interface Zone {
	/** IANA name. */
	id: string;
	/** "Berlin" */
	city: string;
	/** "Europe", or "" for zones that are not a place. */
	region: string;
	/** "GMT+1" now, with summer time in it. */
	offset: string;
}

function offsetOf(id: string, now: Date): string {
	const parts = new Intl.DateTimeFormat('en', { timeZone: id, timeZoneName: 'shortOffset' }).formatToParts(now);
	return parts.find((part) => part.type === 'timeZoneName')?.value ?? '';
}

export function zone(id: string, now: Date): Zone {
	const parts = id.replaceAll('_', ' ').split('/');
	const city = parts.pop() ?? id;
	return { id, city, region: parts.join(', '), offset: offsetOf(id, now) };
}

/** Where this device is. */
export function deviceZone(): string {
	return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}

function plain(text: string): string {
	return text.normalize('NFD').replace(/\p{M}/gu, '').replaceAll('_', ' ').toLowerCase();
}

/**
 * The zones that match what was typed, cities that begin with it first.
 * Accents and underscores do not matter; nothing typed finds nothing.
 */
export function findZones(ids: readonly string[], query: string, now: Date, limit = 8): Zone[] {
	const wanted = plain(query.trim());
	if (wanted === '') return [];
	const ranked: [number, string][] = [];
	for (const id of ids) {
		const name = plain(id);
		const city = name.slice(name.lastIndexOf('/') + 1);
		if (city.startsWith(wanted)) ranked.push([0, id]);
		else if (city.split(/[ -]/).some((word) => word.startsWith(wanted))) ranked.push([1, id]);
		else if (name.includes(wanted)) ranked.push([2, id]);
	}
	ranked.sort(([a, x], [b, y]) => a - b || x.localeCompare(y));
	return ranked.slice(0, limit).map(([, id]) => zone(id, now));
}

/** Every zone this browser knows. */
export function allZones(): string[] {
	return ['UTC', ...Intl.supportedValuesOf('timeZone').filter((id) => id !== 'UTC')];
}
