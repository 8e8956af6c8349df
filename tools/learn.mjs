// Makes the Learning Center part of the program: learn.mjs LEARN_FOLDER CATALOGUE_FOLDER OUTPUT_FOLDER DEPFILE
//
// learn/NAME.md is the page /learn/NAME. It begins with a head, and a line "---":
//   title: Send a message
//   summary: One sentence for the list of pages.
//   audience: people           or administrators
//   order: 30                  among the pages of that audience
//   feature: recall            the page is there only while that is switched on; may be left out
//   updated: 2026-11-24
// What follows is CommonMark whose headings begin at "##". In it, on lines of their own:
//   {% if recall %} ... {% end %}   there only while that holds; the words are in src/web/learn_fill.c
//   {{ policy }}                    the table of what each grade may do
// and anywhere {{ invitation_days }} and other values of the portal's settings (src/web/learn_fill.c too).
//   ![What is to be seen](pictures/NAME.webp)   a picture; tests/e2e/learn_pictures.mjs makes them
//   **Send me a test**   a label as it stands in the product ("…" for what is filled in), or a sentence that begins a paragraph
//   “Too many tries”     words of the product
// These, commands and keys of postern.conf are looked up (learn_words.mjs).
//
// Written: learn_pages.c (web/learn.h says what is in it). What cannot be meant is refused here, with the file and its line.
import fs from 'node:fs';
import path from 'node:path';
import { checkWords, readSentences } from './learn_words.mjs';

const AUDIENCES = { people: 'LEARN_PEOPLE', administrators: 'LEARN_ADMINISTRATORS' };
const FEATURES = ['files', 'signatures', 'recall', 'forwarding', 'confidential', 'expiry'];
const NEEDED = ['title', 'summary', 'audience', 'order', 'updated'];
const PICTURE = /!\[([^\]]*)\]\(([^)\s]*)\)/g;
const PICTURE_BYTES_MAX = 60_000;

const [folder, catalogues, outputFolder, depfile] = process.argv.slice(2).map(file => path.resolve(file));
if (!depfile) {
	console.error('usage: learn.mjs LEARN_FOLDER CATALOGUE_FOLDER OUTPUT_FOLDER DEPFILE');
	process.exit(2);
}

function fail(file, line, sentence) {
	console.error(`learn: ${path.basename(file)}${line ? `:${line}` : ''}: ${sentence}`);
	process.exit(1);
}

function isDay(text) {
	const ms = Date.parse(`${text}T00:00:00Z`);
	return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

// The head and where the text begins.
function parseHead(file, lines) {
	const head = {};
	for (const [at, line] of lines.entries()) {
		if (line === '---') {
			for (const key of NEEDED.filter(key => !head[key]))
				fail(file, at + 1, `the head has no "${key}"`);
			return { head, end: at + 1 };
		}
		const [, key, value] = /^([a-z]+): (\S.*)$/.exec(line) ?? [];
		if (![...NEEDED, 'feature'].includes(key))
			fail(file, at + 1, 'a line of the head is "key: value", the head ends with "---"');
		if (key in head)
			fail(file, at + 1, `"${key}" is there twice`);
		head[key] = value.trim();
	}
	return fail(file, lines.length, 'the head does not end: "---" is missing');
}

function checkHead(file, head) {
	if (!AUDIENCES[head.audience])
		fail(file, 0, `the audience is one of ${Object.keys(AUDIENCES).join(', ')}`);
	if (!/^\d+$/.test(head.order))
		fail(file, 0, 'the order is a number');
	if (head.feature && !FEATURES.includes(head.feature))
		fail(file, 0, `there is no feature "${head.feature}", only ${FEATURES.join(', ')}`);
	if (!isDay(head.updated))
		fail(file, 0, `"${head.updated}" is no day such as 2026-11-24`);
}

function checkText(file, lines, start, pictures) {
	let depth = 0;
	for (const [at, line] of lines.entries()) {
		if (at < start)
			continue;
		if (/\{%|%\}/.test(line)) {
			const isIf = /^\{% if [a-z_]+ %\}$/.test(line);
			if (!isIf && line !== '{% end %}')
				fail(file, at + 1, '"{% if word %}" and "{% end %}" have a line to themselves');
			depth += isIf ? 1 : -1;
			if (depth < 0)
				fail(file, at + 1, '"{% end %}" without "{% if word %}"');
		}
		if (/^#(?!#)/.test(line) && !isInCode(lines, start, at))
			fail(file, at + 1, 'headings begin at "##": the title is in the head');
		for (const [, words, target] of line.matchAll(PICTURE)) {
			const picture = pictures.get(target);
			if (!picture)
				fail(file, at + 1, `there is no picture "${target}"`);
			if (words.trim().length < 10)
				fail(file, at + 1, `the picture "${target}" needs words for those who cannot see it`);
			picture.isUsed = true;
		}
	}
	if (depth > 0)
		fail(file, lines.length, '"{% if word %}" without "{% end %}"');
}

function isInCode(lines, start, at) {
	return lines.slice(start, at).filter(line => line.startsWith('```')).length % 2 === 1;
}

// Width and height of a WebP picture (RFC 9649): lossy, lossless or extended.
function sizeOf(file) {
	const bytes = fs.readFileSync(file);
	if (bytes.length > PICTURE_BYTES_MAX)
		fail(file, 0, `${bytes.length} bytes; a picture may have ${PICTURE_BYTES_MAX}`);
	if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WEBP')
		fail(file, 0, 'that is no WebP picture');
	switch (bytes.toString('latin1', 12, 16)) {
	case 'VP8 ': return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
	case 'VP8L': {
		const bits = bytes.readUInt32LE(21);
		return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
	}
	case 'VP8X': return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
	default: return fail(file, 0, 'that is no WebP picture');
	}
}

function readPictures(inputs) {
	const pictures = new Map();
	const at = path.join(folder, 'pictures');
	inputs.push(at);
	for (const name of fs.readdirSync(at).filter(one => !one.startsWith('.')).sort()) {
		const file = path.join(at, name);
		inputs.push(file);
		pictures.set(`pictures/${name}`, { name, ...sizeOf(file) });
	}
	return pictures;
}

function readPages(inputs, pictures) {
	const sentences = readSentences(catalogues, inputs);
	inputs.push(folder);
	const pages = [];
	for (const name of fs.readdirSync(folder).filter(one => one.endsWith('.md')).sort()) {
		const file = path.join(folder, name);
		inputs.push(file);
		if (!/^[a-z][a-z0-9-]*\.md$/.test(name))
			fail(file, 0, 'names have small letters, digits and "-"');
		const lines = fs.readFileSync(file, 'utf8').split('\n');
		const { head, end } = parseHead(file, lines);
		checkHead(file, head);
		checkText(file, lines, end, pictures);
		checkWords(lines.slice(end).join('\n'), sentences, (line, sentence) => fail(file, line + end, sentence));
		pages.push({ ...head, name: path.parse(name).name, text: lines.slice(end).join('\n').trim() + '\n' });
	}
	for (const [target, picture] of pictures)
		if (!picture.isUsed)
			fail(path.join(folder, target), 0, 'no page shows this picture');
	const places = Object.keys(AUDIENCES);
	return pages.sort((a, b) => places.indexOf(a.audience) - places.indexOf(b.audience) || a.order - b.order);
}

// A C string, a line of the text on each line.
function cString(text) {
	const escape = line => line.replace(/[\\"]/g, '\\$&').replace(/\?\?/g, '?\\?');
	return text.split(/(?<=\n)/).map(line => `"${escape(line).replace(/\n$/, '\\n')}"`).join('\n\t\t');
}

function tableOf(pages, pictures) {
	const rows = pages.map(page => `\t{
		.name = "${page.name}",
		.title = ${cString(page.title)},
		.summary = ${cString(page.summary)},
		.audience = ${AUDIENCES[page.audience]},
		.feature = FEATURE_${(page.feature ?? 'always').toUpperCase()},
		.updated_ms = INT64_C(${Date.parse(`${page.updated}T00:00:00Z`)}),
		.text = ${cString(page.text)},
	},\n`);
	const shown = [...pictures.values()].map(({ name, width, height }) =>
		`\t{"pictures/${name}", ASSET_${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}, ${width}, ${height}},\n`);
	return `/* Generated by tools/learn.mjs. */
#include "web/learn.h"

#include "web/asset_names.h"

/* Those for people first, each group in its order. */
const struct learn_page learn_pages[] = {\n${rows.join('')}};
const size_t learn_page_count = ${pages.length};

/* The last row is empty, since an array may not be. */
const struct markdown_picture learn_pictures[] = {\n${shown.join('')}\t{NULL},\n};
const size_t learn_picture_count = ${shown.length};\n`;
}

const inputs = [];
const pictures = readPictures(inputs);
const output = path.join(outputFolder, 'learn_pages.c');
fs.writeFileSync(output, tableOf(readPages(inputs, pictures), pictures));
const escape = file => file.replace(/[ #\\]/g, '\\$&').replace(/\$/g, '$$$$');
fs.writeFileSync(depfile, `${path.relative(process.cwd(), output)}: ${inputs.map(escape).join(' ')}\n`);
