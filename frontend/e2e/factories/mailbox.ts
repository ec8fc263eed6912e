import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from './until';

/** A mail as it arrived. */
export interface Letter {
	to: string;
	subject: string;
	headers: Map<string, string>;
	text: string;
	html: string;
	/** The encoding of the text part, as its header says. */
	textEncoding: string;
}

/** What exim calls a message; while it writes one, the file is called otherwise. */
const complete = /^\w{6}-\w{6,}-\w{2,}$/;

/** A folder of mails, one file each; a mail is handed out once. */
export class Mailbox {
	#read = new Set<string>();

	constructor(readonly folder: string) {}

	/** The next mail to somebody that was not read yet. */
	next(to: string): Promise<Letter> {
		return until(`a mail to ${to}`, async () => {
			for (const name of await this.#names()) {
				if (this.#read.has(name)) continue;
				const letter = parse(await readFile(join(this.folder, name), 'utf8'));
				if (!letter || !letter.to.includes(to)) continue;
				this.#read.add(name);
				return letter;
			}
			return undefined;
		});
	}

	/** How many mails to somebody arrived so far, read or not. */
	async count(to: string): Promise<number> {
		const letters = await Promise.all((await this.#names()).map(async (name) => parse(await readFile(join(this.folder, name), 'utf8'))));
		return letters.filter((letter) => letter?.to.includes(to)).length;
	}

	async #names(): Promise<string[]> {
		return (await readdir(this.folder)).filter((name) => complete.test(name)).sort();
	}
}

/** The address in the text part that signs in; it stands on a line of its own. */
export function linkIn(letter: Letter): string {
	const line = letter.text.split(/\r?\n/).find((one) => /^https?:\/\/\S+\/k\/\S+$/.test(one));
	if (!line) throw new Error(`No link stands on a line of its own in:\n${letter.text}`);
	return line;
}

/** The code of a mail that was asked for, as it is printed. */
export function codeIn(letter: Letter): string {
	const found = /^\s*([0-9A-HJKMNP-TV-Z]{4}[ -]?[0-9A-HJKMNP-TV-Z]{4})\s*$/m.exec(letter.text);
	if (!found) throw new Error(`No code stands in:\n${letter.text}`);
	return found[1]!;
}

interface Part {
	headers: Map<string, string>;
	body: string;
}

/** Undefined while the file is still being written. */
function parse(raw: string): Letter | undefined {
	const whole = split(raw.replaceAll('\r\n', '\n'));
	const boundary = parameter(whole.headers.get('content-type') ?? '', 'boundary');
	if (!boundary) return undefined;
	if (!whole.body.includes(`--${boundary}--`)) return undefined;
	const parts = whole.body.split(new RegExp(`^--${boundary.replace(/[^\w]/g, '\\$&')}(?:--)?$`, 'm')).slice(1, -1).map((part) => split(part.replace(/^\n/, '')));
	const of = (type: string) => parts.find((part) => part.headers.get('content-type')?.startsWith(type));
	const text = of('text/plain');
	const html = of('text/html');
	return {
		to: whole.headers.get('to') ?? '',
		subject: words(whole.headers.get('subject') ?? ''),
		headers: whole.headers,
		text: text ? decode(text) : '',
		html: html ? decode(html) : '',
		textEncoding: text?.headers.get('content-transfer-encoding') ?? '7bit',
	};
}

function split(raw: string): Part {
	const gap = raw.indexOf('\n\n');
	const head = (gap < 0 ? raw : raw.slice(0, gap)).replace(/\n[ \t]+/g, ' ');
	const headers = new Map(head.split('\n').map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]));
	return { headers, body: gap < 0 ? '' : raw.slice(gap + 2) };
}

function parameter(value: string, name: string): string | undefined {
	const found = new RegExp(`${name}="?([^";]+)"?`, 'i').exec(value);
	return found?.[1];
}

function decode({ headers, body }: Part): string {
	const encoding = headers.get('content-transfer-encoding')?.toLowerCase();
	if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8');
	if (encoding !== 'quoted-printable') return body;
	const bytes = body.replace(/=\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
	return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** Encoded words of a header (RFC 2047). */
function words(value: string): string {
	return value.replace(/\?=\s+=\?/g, '?==?').replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, kind: string, text: string) => {
		if (kind.toLowerCase() === 'b') return Buffer.from(text, 'base64').toString('utf8');
		return decode({ headers: new Map([['content-transfer-encoding', 'quoted-printable']]), body: text.replaceAll('_', ' ') });
	});
}
