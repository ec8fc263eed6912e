import { expect, it } from 'vitest';
import { splitStyles } from './fill';

it('takes styles out of the markup', () => {
	const mail = '<style type="text/css">p { color: red }</style><p class="a" STYLE="color: red">Her style = plain</p><style>a{}</style>';
	expect(splitStyles(mail)).toEqual({ html: '<p class="a" data-style="color: red">Her style = plain</p>', css: 'p { color: red }\na{}' });
});
