/** A birthday in its three parts; the year may be unknown. */
export interface Birthday {
	day: string;
	month: string;
	year: string;
}

/** Reads "1988-04-12", "--04-12" or "". */
export function parseBirthday(text: string): Birthday {
	const match = /^(\d{4}|-)-(\d{2})-(\d{2})$/.exec(text);
	if (!match) return { day: '', month: '', year: '' };
	return { day: String(Number(match[3])), month: match[2]!, year: match[1] === '-' ? '' : match[1]! };
}

/** Writes it back; undefined while it is incomplete or no such day exists. */
export function writeBirthday({ day, month, year }: Birthday): string | undefined {
	if (!day && !month && !year) return '';
	const [d, m, y] = [Number(day), Number(month), year ? Number(year) : 2000];
	const date = new Date(Date.UTC(y, m - 1, d));
	const exists = d >= 1 && m >= 1 && date.getUTCMonth() === m - 1 && date.getUTCDate() === d;
	if (!exists || (year && !/^\d{4}$/.test(year))) return undefined;
	return `${year || '-'}-${month}-${String(d).padStart(2, '0')}`;
}
