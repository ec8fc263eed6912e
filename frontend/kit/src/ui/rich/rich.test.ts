import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { copySafe } from './rich';

const { JSDOM } = createRequire(import.meta.url)('jsdom') as { JSDOM: new (html: string) => { window: { document: Document } } };
const { document } = new JSDOM('').window;

function shown(html: string): string {
	const [from, to] = [document.createElement('div'), document.createElement('div')];
	from.innerHTML = html;
	copySafe(from, to, document);
	return to.innerHTML;
}

it.each([
	['<p>Hello <strong>you</strong><br>and <em>me</em></p>', '<p>Hello <strong>you</strong><br>and <em>me</em></p>'],
	['<ol start="3"><li>c</li></ol>', '<ol start="3"><li>c</li></ol>'],
	['<a href="https://example.test/a" class="x" onclick="go()">here</a>', '<a href="https://example.test/a" target="_blank" rel="noopener noreferrer nofollow">here</a>'],
	['<a href="javascript:go()">here</a> <a href="/api">there</a>', '<a>here</a> <a>there</a>'],
	['<div style="color:red">kept <script>gone()</script><style>p{}</style><img src=x onerror=go()></div>', 'kept '],
	['<p id="a" hidden>text &lt;b&gt;</p><!-- no -->', '<p>text &lt;b&gt;</p>'],
])('shows of %s only what may be shown', (html, safe) => expect(shown(html)).toBe(safe));
