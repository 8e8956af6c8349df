// What a page of the Learning Center quotes of the product has to be there: labels of buttons and places, sentences, commands
// with their options, keys of postern.conf. So a page that has fallen behind the product breaks the build.
import fs from 'node:fs';
import path from 'node:path';

const NUMBERS = '\\d[\\d.,]*|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|sixty|ninety';
const UNITS = 'seconds?|minutes?|hours?|days?|weeks?|months?|years?|bytes|kB|MB|GB|characters|pixels|people|lines|rules|messages';
const COUNTED = new RegExp(`\\b(?:${NUMBERS})\\s+(?:${UNITS})\\b`, 'i');
const ALWAYS = ['--help', '--version'];

const unfold = text => text.replace(/\s+/g, ' ').trim();
// "Delete the rule for {rule}" is quoted as "Delete the rule for …".
const withGaps = text => text.replace(/\{[a-z_]+\}/g, '…');

// The sentences of a language, from its catalogues.
export function readSentences(folder, inputs) {
	const labels = new Set();
	const all = [];
	const usages = [];
	inputs.push(folder);
	for (const name of fs.readdirSync(folder).filter(one => one.endsWith('.catalogue')).sort()) {
		const file = path.join(folder, name);
		inputs.push(file);
		for (const [, long, short] of fs.readFileSync(file, 'utf8').matchAll(/^[a-z0-9_.]+(?:\[[a-z]+\])?(?: <<\n([^]*?)\n>>| = (.*))$/gm)) {
			const text = withGaps(unfold(short ?? long));
			all.push(text);
			// "Disabled: nobody gets in" and "Download all ({count} files)" are quoted by what they begin with, too.
			if (short !== undefined)
				[text, text.replace(/: .*/, ''), text.replace(/ \(.*\)$/, '')].forEach(one => labels.add(one));
			else if (long.startsWith('Usage: postern '))
				usages.push(long);
		}
	}
	return { labels, all: all.join('\n'), usages };
}

function usageOf(sentences, word) {
	return sentences.usages.find(text => new RegExp(`^(Usage:| {6}) postern ${word}\\b`, 'm').test(text));
}

function complainOfCommand(sentences, word, rest) {
	const usage = usageOf(sentences, word);
	if (!usage)
		return `there is no command "postern ${word}"`;
	const verbs = [...usage.matchAll(/^(?:Usage:| {6}) postern [a-z]+ ([a-z]+)/gm)].map(([, verb]) => verb);
	const verb = /^ ([a-z]+)/.exec(rest)?.[1];
	if (verbs.length && verb && !verbs.includes(verb))
		return `there is no command "postern ${word} ${verb}"`;
	const unknown = (rest.match(/--[a-z-]+/g) ?? []).find(option => !ALWAYS.includes(option) && !new RegExp(`${option}(?![a-z-])`).test(usage));
	return unknown && `"postern ${word}" knows no ${unknown}`;
}

// A line of what is typed on the machine, or written into postern.conf.
function complainOfCode(sentences, line) {
	const [, word, rest] = /(?:^|\s)postern ([a-z]+)([^|;&]*)/.exec(line) ?? [];
	if (word)
		return complainOfCommand(sentences, word, rest);
	const [, key] = /^([a-z]+(?:-[a-z]+)*) = /.exec(line) ?? [];
	if (key && !new RegExp(`--${key}(?![a-z-])`).test(usageOf(sentences, 'serve') ?? ''))
		return `postern.conf knows no "${key}"`;
	return undefined;
}

function complainOfBold(sentences, bold, examples) {
	const label = unfold(bold.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1'));
	if (sentences.labels.has(label) || label.endsWith('.') || examples.has(label))
		return undefined;
	return `nothing in the product is called "${label}"; a word that is only to stand out is *slanted*`;
}

const blank = text => text.replace(/[^\n]/g, ' ');

// complain(line number, sentence) for each mistake.
export function checkWords(text, sentences, complain) {
	const at = index => text.slice(0, index).split('\n').length;
	const code = [];
	const examples = new Set();
	const take = (match, content, index) => {
		for (const part of content.replace(/\\\n\s*/g, ' ').split('\n'))
			code.push([index, part]);
		for (const [, bold] of content.matchAll(/\*\*([^*]+)\*\*/g))
			examples.add(bold);
		return blank(match);
	};
	const prose = text.replace(/^```\n(.*?)^```$/gms, take).replace(/`([^`]+)`/g, take)
		.replace(/!\[[^\]]*\]\([^)]*\)/g, blank);
	const tell = (index, sentence) => sentence && complain(at(index), sentence);
	for (const [index, line] of code)
		tell(index, complainOfCode(sentences, line));
	for (const match of prose.matchAll(/\*\*([^*]+)\*\*/g))
		tell(match.index, complainOfBold(sentences, match[1], examples));
	for (const match of prose.matchAll(/“([^”]+)”/g))
		if (!sentences.all.includes(unfold(match[1])))
			complain(at(match.index), `nothing in the product says “${unfold(match[1])}”`);
	for (const [index, line] of [...prose.matchAll(/.+/g)].map(match => [match.index, match[0]]))
		if (COUNTED.test(line))
			complain(at(index), `"${COUNTED.exec(line)[0]}": a number of the product comes from its code, as {{ word }}`);
}
