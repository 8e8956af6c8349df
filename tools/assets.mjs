// Makes the site's assets part of the program: assets.mjs SOURCE_FOLDER OUTPUT_FOLDER DEPFILE [PICTURE_FOLDER...]
//
// Files directly in the source folder are assets; what they import lives in folders below it.
//   *.ts               checked by tsc, bundled and minified into X.js
//   *.css              bundled and minified; url(...) of another asset gets that one's hashed name
//   *.svg *.png ...    as they are
//   *.list             files out of node_modules, a path with at most one "*" in each line: each becomes an asset, and X.json
//                      says by which name each is served: {"FoxitSymbol.pfb": "/assets/foxitsymbol-3f2a9c81d04b.pfb"}
// So is every file of the further folders.
// Each is served as /assets/NAME-HASH.EXTENSION. Written: site_assets.c (the bytes, plain and gzip), site_assets.h (the
// table) and asset_names.h (#define ASSET_APP_CSS "/assets/app-3f2a9c81d04b.css", what {{ asset app.css }} compiles to).
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const CONTENT_TYPES = {
	'.css': 'text/css; charset=utf-8',
	'.js': 'text/javascript; charset=utf-8',
	'.svg': 'image/svg+xml',
	'.png': 'image/png',
	'.webp': 'image/webp',
	'.ico': 'image/x-icon',
	'.woff2': 'font/woff2',
	'.ttf': 'font/ttf',
	'.json': 'application/json',
	'.pfb': 'application/octet-stream',
	'.bcmap': 'application/octet-stream',
};
const BUNDLED = { '.ts': '.js', '.css': '.css' };
const LIST = '.list';

const [sourceFolder, outputFolder, depfile, ...pictureFolders] = process.argv.slice(2).map(file => path.resolve(file));
if (!depfile) {
	console.error('usage: assets.mjs SOURCE_FOLDER OUTPUT_FOLDER DEPFILE [PICTURE_FOLDER...]');
	process.exit(2);
}
const top = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const inputs = new Set();

function fail(sentence) {
	console.error(`assets: ${sentence}`);
	process.exit(1);
}

// Every folder is an input as well, so that a new file is noticed.
function listFolders(folder) {
	inputs.add(folder);
	for (const entry of fs.readdirSync(folder, { withFileTypes: true }))
		if (entry.isDirectory())
			listFolders(path.join(folder, entry.name));
}

function checkTypes(files) {
	if (!files.some(file => file.endsWith('.ts')))
		return;
	inputs.add(path.join(top, 'tsconfig.json'));
	try {
		execFileSync(path.join(top, 'node_modules', '.bin', 'tsc'), ['--noEmit', '-p', top], { stdio: ['ignore', 2, 2] });
	} catch {
		fail('the type check failed');
	}
}

// "app.css" and its bytes -> "/assets/app-3f2a9c81d04b.css"
function servedPath(name, bytes) {
	const { name: stem, ext } = path.parse(name);
	const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
	return `/assets/${stem}-${hash}${ext}`;
}

function makeAsset(name, bytes) {
	const type = CONTENT_TYPES[path.extname(name)];
	if (!type)
		fail(`"${name}": what content type is that? Known: ${Object.keys(CONTENT_TYPES).join(' ')}`);
	if (!/^[a-z0-9][a-z0-9_.-]*$/.test(name))
		fail(`"${name}": names have small letters, digits, "-", "_" and "."`);
	const gzip = gzipSync(bytes, { level: 9 });
	return { name, type, bytes, path: servedPath(name, bytes), gzip: gzip.length < bytes.length ? gzip : null };
}

// The files a line names: "pdfjs-dist/cmaps/*.bcmap"
function filesOfLine(line) {
	const folder = path.join(top, 'node_modules', path.dirname(line));
	const [start, end] = path.basename(line).split('*');
	const names = fs.readdirSync(folder).filter(name => (end === undefined ? name === start : name.startsWith(start) && name.endsWith(end)));
	if (names.length === 0)
		fail(`"${line}": there is no such file`);
	return names.sort().map(name => path.join(folder, name));
}

// The listed files and, last, the asset that says where they are.
function listedAssets(file) {
	inputs.add(path.join(sourceFolder, file));
	const lines = fs.readFileSync(path.join(sourceFolder, file), 'utf8').split('\n').filter(line => line && !line.startsWith('#'));
	const assets = [];
	const places = {};
	for (const one of lines.flatMap(filesOfLine)) {
		const asset = { ...makeAsset(path.basename(one).toLowerCase(), fs.readFileSync(one)), isListed: true };
		inputs.add(one);
		assets.push(asset);
		places[path.basename(one)] = asset.path;
	}
	return [...assets, makeAsset(`${path.parse(file).name}.json`, Buffer.from(JSON.stringify(places)))];
}

function picturesOf(folder) {
	inputs.add(folder);
	return fs.readdirSync(folder).filter(name => !name.startsWith('.')).sort().map(name => {
		inputs.add(path.join(folder, name));
		return makeAsset(name, fs.readFileSync(path.join(folder, name)));
	});
}

// Gives url(logo.svg) in a style sheet the name under which the logo is served.
function hashedUrls(assets) {
	return {
		name: 'hashed-urls',
		setup(build) {
			build.onResolve({ filter: /.*/ }, ({ path: wanted, kind }) => {
				if (kind !== 'url-token')
					return undefined;
				const asset = assets.find(({ name }) => name === path.basename(wanted));
				return asset ? { path: asset.path, external: true }
					: { errors: [{ text: `there is no asset "${path.basename(wanted)}"` }] };
			});
		},
	};
}

async function bundle(file, assets) {
	const esbuild = await import('esbuild').catch(() => fail('esbuild is missing: run "npm ci"'));
	const result = await esbuild.build({
		entryPoints: [path.join(sourceFolder, file)],
		absWorkingDir: sourceFolder,
		bundle: true, minify: true, write: false, metafile: true, charset: 'utf8', legalComments: 'none',
		target: 'es2022', format: 'esm', outdir: outputFolder, logLevel: 'warning',
		plugins: [hashedUrls(assets)],
	}).catch(() => process.exit(1)); // esbuild has said why
	for (const input of Object.keys(result.metafile.inputs))
		inputs.add(path.resolve(sourceFolder, input));
	const { name, ext } = path.parse(file);
	return makeAsset(name + BUNDLED[ext], Buffer.from(result.outputFiles[0].contents));
}

async function makeAssets() {
	const files = fs.readdirSync(sourceFolder, { withFileTypes: true })
		.filter(entry => entry.isFile() && !entry.name.startsWith('.')).map(entry => entry.name).sort();
	listFolders(sourceFolder);
	checkTypes(files);
	const assets = [];
	for (const file of files.filter(name => path.extname(name) === LIST))
		assets.push(...listedAssets(file));
	for (const file of files.filter(name => !BUNDLED[path.extname(name)] && path.extname(name) !== LIST)) {
		inputs.add(path.join(sourceFolder, file));
		assets.push(makeAsset(file, fs.readFileSync(path.join(sourceFolder, file))));
	}
	for (const folder of pictureFolders)
		assets.push(...picturesOf(folder));
	for (const file of files.filter(name => BUNDLED[path.extname(name)] && !name.endsWith('.d.ts')))
		assets.push(await bundle(file, assets));
	return assets.sort((a, b) => (a.path < b.path ? -1 : 1));
}

// The bytes go through the assembler: a compiler takes seconds and gigabytes for large arrays.
function embed(symbol, bytes) {
	const file = path.join(outputFolder, `${symbol}.bin`);
	fs.writeFileSync(file, bytes);
	return `__asm__(".section .rodata\\n.hidden ${symbol}\\n.global ${symbol}\\n${symbol}:\\n"
	".incbin \\"${file}\\"\\n.previous");
extern const char ${symbol}[] __attribute__((visibility("hidden")));\n`;
}

function writeTable(assets) {
	let code = '/* Generated by tools/assets.mjs. */\n#include "web/site_assets.h"\n\n';
	let rows = '';
	assets.forEach((asset, i) => {
		code += embed(`site_asset_${i}`, asset.bytes);
		let gzip = 'NULL, 0';
		if (asset.gzip) {
			code += embed(`site_asset_${i}_gzip`, asset.gzip);
			gzip = `site_asset_${i}_gzip, ${asset.gzip.length}`;
		}
		const hash = createHash('sha256').update(asset.bytes).digest('hex').slice(0, 24);
		rows += `\t{"${asset.path}", "${asset.type}", {site_asset_${i}, ${asset.bytes.length}}, {${gzip}}, "\\"${hash}\\""},\n`;
	});
	code += `\n/* Sorted by path; the last row is empty, since an array may not be. */
const struct asset site_assets[] = {\n${rows}\t{NULL},\n};\nconst size_t site_asset_count = ${assets.length};\n`;
	return code;
}

const macro = name => `ASSET_${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;

const assets = await makeAssets();
const write = (name, text) => fs.writeFileSync(path.join(outputFolder, name), text);
write('site_assets.c', writeTable(assets));
write('site_assets.h', `/* Generated by tools/assets.mjs: the site's assets. */
#pragma once

#include "http/assets.h"

extern const struct asset site_assets[];
extern const size_t site_asset_count;
`);
write('asset_names.h', `/* Generated by tools/assets.mjs: where each asset is served. */
#pragma once

${assets.filter(asset => !asset.isListed).map(asset => `#define ${macro(asset.name)} "${asset.path}"\n`).join('')}`);
const escape = file => file.replace(/[ #\\]/g, '\\$&').replace(/\$/g, '$$$$');
fs.writeFileSync(depfile, `${path.relative(process.cwd(), path.join(outputFolder, 'site_assets.c'))}: ${[...inputs].map(escape).join(' ')}\n`);
