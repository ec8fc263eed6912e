import { i18n } from './catalogue.svelte';

const countries =
	'AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GT GU GW GY HK HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW'.split(
		' ',
	);

/** Countries by their name in the person's language. */
export function countryOptions(): { value: string; label: string }[] {
	const names = new Intl.DisplayNames(i18n.locale, { type: 'region' });
	return countries.map((value) => ({ value, label: names.of(value) ?? value })).sort((a, b) => a.label.localeCompare(b.label, i18n.locale));
}

/** Every time zone this browser knows: "Europe/Berlin". */
export function timeZoneOptions(): { value: string; label: string }[] {
	return ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')].map((value) => ({ value, label: value.replaceAll('_', ' ') }));
}

/** "Deutsch" for "de", in that language itself. */
export function languageName(tag: string): string {
	const name = new Intl.DisplayNames(tag, { type: 'language' }).of(tag) ?? tag;
	return name.charAt(0).toLocaleUpperCase(tag) + name.slice(1);
}

/** Months by name. */
export function monthOptions(): { value: string; label: string }[] {
	const format = new Intl.DateTimeFormat(i18n.locale, { month: 'long', timeZone: 'UTC' });
	return Array.from({ length: 12 }, (_, month) => ({ value: String(month + 1).padStart(2, '0'), label: format.format(Date.UTC(2026, month, 1)) }));
}
