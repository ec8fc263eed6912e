import { type ChildProcess, spawn } from 'node:child_process';
import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Mailbox } from './mailbox';
import { freePort } from './port';
import { until } from './until';

const run = promisify(execFile);

/** A real mail server of our own: STARTTLS, then sign-in, then everything lands in a folder. */
export interface Exim {
	host: string;
	port: number;
	username: string;
	password: string;
	/** The certificate to trust, as SSL_CERT_FILE for the program. */
	certificate: string;
	mailbox: Mailbox;
	stop(): Promise<void>;
}

/** Nobody with this local part has a mailbox; the server says so with 550. */
export const unknownUser = 'nobody';

/** Starts exim4 with its own configuration, spool and certificate on 127.0.0.1. */
export async function startExim(): Promise<Exim> {
	const folder = await mkdtemp(join(tmpdir(), 'portico-exim-'));
	const port = await freePort();
	const who = await owner();
	const account = { username: 'shop', password: 'correct horse battery' };
	for (const name of ['spool', 'log', 'mail']) await mkdir(join(folder, name));
	await makeCertificate(folder);
	await writeFile(join(folder, 'exim.conf'), configuration(folder, port, who.name, who.group, account), { mode: 0o644 });
	if (who.chown) {
		for (const name of ['', 'spool', 'log', 'mail', 'key.pem', 'cert.pem']) await chown(join(folder, name), who.uid, who.gid);
		await chmod(folder, 0o755);
	}
	const server = spawn('exim4', ['-bdf', '-C', join(folder, 'exim.conf')], { stdio: 'ignore', env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } });
	const gone = new Promise<never>((_, fail) => {
		server.once('error', fail);
		server.once('exit', (code) => fail(new Error(`exim4 ended with ${code}`)));
	});
	gone.catch(() => {});
	await Promise.race([until('exim answers', () => greets(port)), gone]);
	return {
		host: '127.0.0.1',
		port,
		...account,
		certificate: join(folder, 'cert.pem'),
		mailbox: new Mailbox(join(folder, 'mail')),
		async stop() {
			await end(server);
			await rm(folder, { recursive: true, force: true });
		},
	};
}

async function end(server: ChildProcess): Promise<void> {
	if (server.exitCode !== null || server.signalCode !== null) return;
	const ended = new Promise((done) => server.once('exit', done));
	server.kill('SIGTERM');
	await ended;
}

/** Started by root exim works as its own user; started by anybody else, as them. */
async function owner(): Promise<{ name: string; group: string; uid: number; gid: number; chown: boolean }> {
	const uid = process.getuid!();
	if (uid !== 0) {
		const [name, group] = await Promise.all([run('id', ['-un']), run('id', ['-gn'])]);
		return { name: name.stdout.trim(), group: group.stdout.trim(), uid, gid: process.getgid!(), chown: false };
	}
	const line = (await readFile('/etc/passwd', 'utf8')).split('\n').find((one) => one.startsWith('Debian-exim:'));
	if (!line) throw new Error('There is no user Debian-exim; run `go run ./build/task setup test`');
	const [name, , exim, group] = line.split(':');
	return { name: name!, group: 'Debian-exim', uid: Number(exim), gid: Number(group), chown: true };
}

async function makeCertificate(folder: string): Promise<void> {
	const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
	const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
	await run('openssl', ['req', '-x509', ...kind, ...subject, '-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')]);
}

function greets(port: number): Promise<boolean> {
	return new Promise((done) => {
		const socket = connect(port, '127.0.0.1');
		socket.once('data', (line) => (done(line.toString().startsWith('220')), socket.end('QUIT\r\n')));
		socket.once('error', () => done(false));
	});
}

function configuration(folder: string, port: number, user: string, group: string, account: { username: string; password: string }): string {
	const right = (name: string, secret: string) => `\${if and{{eq{${name}}{${account.username}}}{eq{${secret}}{${account.password}}}}}`;
	return `
primary_hostname = mail.example.test
exim_user = ${user}
exim_group = ${group}
spool_directory = ${folder}/spool
log_file_path = ${folder}/log/%slog
pid_file_path = ${folder}/spool/exim.pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${port}
tls_certificate = ${folder}/cert.pem
tls_privatekey = ${folder}/key.pem
tls_advertise_hosts = *
auth_advertise_hosts = \${if def:tls_in_cipher {*}{}}
acl_smtp_rcpt = recipient
acl_smtp_data = accept
host_lookup =
rfc1413_hosts =
keep_environment =

begin acl
recipient:
  deny message = 5.1.1 There is no mailbox here by that name
       local_parts = ${unknownUser}
  accept authenticated = *
  deny message = sign in first

begin routers
everyone:
  driver = accept
  transport = folder

begin transports
folder:
  driver = appendfile
  directory = ${folder}/mail
  directory_file = $message_exim_id
  create_directory = false
  envelope_to_add
  mode = 0644
  user = ${user}
  group = ${group}

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_condition = ${right('$auth2', '$auth3')}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = <| User: | Password:
  server_condition = ${right('$auth1', '$auth2')}
  server_set_id = $auth1
`;
}
