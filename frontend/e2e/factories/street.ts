import { spawn } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:https';
import { createInterface } from 'node:readline';
import { connect } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { freePort } from './port';

/** Name servers and a certificate authority on loopback, around a portal with a name of its own. */
export interface Street {
	/** What `portico serve` needs to live in it. */
	args: string[];
	tlsPort: number;
	/** Puts records into a zone, written as in a zone file. */
	set(zone: string, ...records: string[]): Promise<void>;
	/** Keeps orders waiting at the authority, or lets them go on. */
	hold(on: boolean): Promise<void>;
	/** What the authority created so far. */
	created(): Promise<{ accounts: number; orders: number }>;
	/** The status of a page of the portal, for whoever trusts this authority and nobody else. */
	status(name: string, path: string): Promise<number>;
	/** Flags for a browser to which the names lead here and which trusts this authority. */
	browserFlags(...names: string[]): Promise<string[]>;
	stop(): Promise<void>;
}

export async function startStreet(): Promise<Street> {
	const [httpPort, tlsPort] = [await freePort(), await freePort()];
	const program = ['run', './build/task/street/serve', '-http', String(httpPort), '-tls', String(tlsPort)];
	const process = spawn('go', program, { cwd: fileURLToPath(new URL('../../../', import.meta.url)), stdio: ['pipe', 'pipe', 'inherit'] });
	const ended = once(process, 'exit');
	const lines = createInterface({ input: process.stdout })[Symbol.asyncIterator]();
	async function answer<Line>(): Promise<Line> {
		const { value, done } = await lines.next();
		if (done) throw new Error('The street ended');
		return JSON.parse(value) as Line;
	}
	async function ask<Line>(order: object): Promise<Line> {
		process.stdin.write(`${JSON.stringify(order)}\n`);
		return answer<Line>();
	}
	const { args, root } = await answer<{ args: string[]; root: string }>();

	return {
		args: ['--listen', `127.0.0.1:${httpPort}`, '--listen-tls', `127.0.0.1:${tlsPort}`, ...args],
		tlsPort,
		set: (zone, ...set) => ask({ zone, set }),
		hold: (hold) => ask({ hold }),
		created: () => ask({}),
		async status(name, path) {
			const asked = request({ host: '127.0.0.1', port: tlsPort, servername: name, path, headers: { host: name }, ca: root, agent: false }).end();
			const [response] = (await once(asked, 'response')) as [{ statusCode: number; resume(): void }];
			response.resume();
			return response.statusCode;
		},
		async browserFlags(...names) {
			const rules = names.map((name) => `MAP ${name}:443 127.0.0.1:${tlsPort}`);
			return [`--host-resolver-rules=${rules.join(', ')}`, `--ignore-certificate-errors-spki-list=${await issuerKey(names[0]!, tlsPort, root)}`];
		},
		async stop() {
			process.stdin.end();
			await ended;
		},
	};
}

/** The key that signed a name's certificate, as browsers are told to trust it; the chain itself is checked here. */
async function issuerKey(name: string, port: number, root: string): Promise<string> {
	const socket = connect({ host: '127.0.0.1', port, servername: name, ca: root });
	await once(socket, 'secureConnect');
	const { issuerCertificate } = socket.getPeerCertificate(true);
	socket.destroy();
	const key = new X509Certificate(issuerCertificate.raw).publicKey.export({ type: 'spki', format: 'der' });
	return createHash('sha256').update(key).digest('base64');
}
