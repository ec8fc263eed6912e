// @ts-check
// Builds both bundles into dist/staff and dist/portal and writes .br and .gz
// twins beside every text asset, so that the server never compresses.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { build } from 'vite';
import { face, faces } from '../vite.shared.mjs';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const compressible = /\.(js|css|html|svg|json|webmanifest|txt)$/;
const smallest = 1024;

/** @param {string} directory */
async function files(directory) {
	const entries = await readdir(directory, { withFileTypes: true, recursive: true });
	return entries.filter((e) => e.isFile()).map((e) => join(e.parentPath, e.name));
}

/** @param {string} path */
async function compress(path) {
	const bytes = await readFile(path);
	if (bytes.length < smallest) return;
	const quality = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
	const [br, gz] = await Promise.all([
		promisify(brotliCompress)(bytes, { params: quality }),
		promisify(gzip)(bytes, { level: 9 }),
	]);
	await Promise.all([writeFile(`${path}.br`, br), writeFile(`${path}.gz`, gz)]);
}

const wanted = process.argv.slice(2);
for (const name of faces) {
	if (wanted.length > 0 && !wanted.includes(name)) continue;
	await build(face(name));
	for (const path of await files(join(dist, name))) {
		if (compressible.test(path)) await compress(path);
	}
}
