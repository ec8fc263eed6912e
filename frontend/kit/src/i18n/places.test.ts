import { expect, it } from 'vitest';
import { countryOptions, languageName, monthOptions, timeZoneOptions } from './places';

it('names places, months and languages', () => {
	expect(countryOptions().find((option) => option.value === 'DE')?.label).toBe('Germany');
	expect(countryOptions()[0]?.label).toBe('Afghanistan');
	expect(timeZoneOptions().map((option) => option.value)).toContain('Europe/Berlin');
	expect(timeZoneOptions()[0]?.value).toBe('UTC');
	expect(monthOptions()[3]).toEqual({ value: '04', label: 'April' });
	expect([languageName('de'), languageName('en')]).toEqual(['Deutsch', 'English']);
});
