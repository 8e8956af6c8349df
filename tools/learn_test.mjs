// learn_test: what tools/learn.mjs makes of good pages, and with which words it refuses bad ones. Prints TAP.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const TOOL = fileURLToPath(new URL('learn.mjs', import.meta.url));
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'postern-learn-'));
process.on('exit', () => fs.rmSync(scratch, { recursive: true, force: true }));
let count = 0;
let folders = 0;

function say(isGood, name, more = '') {
	console.log(`${isGood ? 'ok' : 'not ok'} ${++count} - ${name}`);
	if (!isGood) {
		process.exitCode = 1;
		console.log(more.replace(/^/gm, '# '));
	}
}

// A WebP picture as far as its size is asked for.
function webp(width, height, bytes = 40) {
	const picture = Buffer.alloc(bytes);
	picture.write('RIFF', 0, 'latin1');
	picture.write('WEBPVP8 ', 8, 'latin1');
	picture.writeUInt16LE(width, 26);
	picture.writeUInt16LE(height, 28);
	return picture;
}

const HEAD = { title: 'A page', summary: 'Of it.', audience: 'people', order: '1', updated: '2026-11-24' };
const page = (text = 'Text.', head = {}) => [...Object.entries({ ...HEAD, ...head }).filter(([, value]) => value !== null)
	.map(([key, value]) => `${key}: ${value}`), '---', text].join('\n');

const CATALOGUE = `# A comment.
a.save = Save settings
a.many[one] = {count} person found
a.many[other] = {count} people found
a.off = Disabled: nobody gets in
a.all = Download all ({count} files)
a.delete = Delete the rule for {rule}
a.slowed = There were too many tries. Please wait.
a.mail <<
Hello {name},

you are
invited.
>>
a.usage <<
Usage: postern setting list --data DIR
       postern setting set  --data DIR NAME VALUE
>>
a.usage_serve <<
Usage: postern serve --data DIR [OPTIONS]

  --mail URL
  --mail-from ADDRESS
>>
`;

// files: {'a.md': text, 'pictures/a.webp': bytes}
function compile(files) {
	const folder = path.join(scratch, String(++folders));
	fs.mkdirSync(path.join(folder, 'pictures'), { recursive: true });
	fs.mkdirSync(path.join(folder, 'out'));
	fs.mkdirSync(path.join(folder, 'texts'));
	for (const [name, content] of Object.entries({ 'texts/a.catalogue': CATALOGUE, ...files }))
		fs.writeFileSync(path.join(folder, name), content);
	const words = [TOOL, folder, path.join(folder, 'texts'), path.join(folder, 'out'), path.join(folder, 'out/d')];
	const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
	const read = (name) => (fs.existsSync(path.join(folder, 'out', name)) ? fs.readFileSync(path.join(folder, 'out', name), 'utf8') : '');
	return { status, stderr, code: read('learn_pages.c'), depfile: read('d') };
}

const good = compile({
	'b.md': page('Say "this" \\ and\n![A picture of it](pictures/p.webp)', { order: '2' }),
	'a.md': page('{% if recall %}\nText.\n{% end %}', { order: '3', feature: 'recall' }),
	'c.md': page('```\n# no heading\n```', { audience: 'administrators' }),
	'pictures/p.webp': webp(720, 300),
});
say(good.status === 0, 'good pages are taken', good.stderr);
const order = [...good.code.matchAll(/\.name = "(.)"/g)].map(([, name]) => name).join('');
say(order === 'bac', 'those for people first, each group in its order', order);
say(good.code.includes('"Say \\"this\\" \\\\ and\\n"'), 'the text is a string of C', good.code);
say(good.code.includes('.feature = FEATURE_RECALL') && good.code.includes('.feature = FEATURE_ALWAYS'), 'a page names its feature', good.code);
say(good.code.includes(`.updated_ms = INT64_C(${Date.UTC(2026, 10, 24)})`), 'and the day of its last change', good.code);
say(good.code.includes('{"pictures/p.webp", ASSET_P_WEBP, 720, 300}'), 'a picture has its size', good.code);
say(['a.md', 'b.md', 'c.md', 'p.webp', 'pictures', 'texts', 'a.catalogue'].every(name => good.depfile.includes(`/${name}`)), 'whatever it read is in the depfile', good.depfile);

const QUOTED = `
Press **Save settings**, **[Save settings](/admin)**, **Disabled**, **Download all** or **Delete the rule
for …**. **A sentence that stands out.** “too many tries” “Hello …, you are invited.” \`**bold**\` becomes **bold**, \`**no label**\` is code.

\`\`\`
sudo -u me /usr/bin/postern serve --data /srv/postern --help
postern setting set --data /srv/postern \\
  name "Clinic" | tee --append /var/log/postern set
mail-from = a@example.com
\`\`\`

\`mail = smtp://a\` in 1 of {{ days }}, \`5 days\`, see [in 3](/in-3-days), and 14 cats.`;
const quoting = compile({ 'a.md': page(QUOTED) });
say(quoting.status === 0, 'what is quoted of the product is looked up, and found', quoting.stderr);

const picture = { 'pictures/p.webp': webp(1, 1) };
const BAD = [
	['no title', { 'a.md': page('', { title: null }) }, /a\.md:5: the head has no "title"/],
	['no end of the head', { 'a.md': 'title: A' }, /a\.md:1: the head does not end/],
	['an unknown key', { 'a.md': page('', { colour: 'red' }) }, /a\.md:6: a line of the head is "key: value"/],
	['a key twice', { 'a.md': `title: A\n${page()}` }, /a\.md:2: "title" is there twice/],
	['an unknown audience', { 'a.md': page('', { audience: 'cats' }) }, /the audience is one of people, administrators/],
	['an order that is no number', { 'a.md': page('', { order: 'first' }) }, /the order is a number/],
	['an unknown feature', { 'a.md': page('', { feature: 'flying' }) }, /there is no feature "flying"/],
	['a day that is not', { 'a.md': page('', { updated: '2026-02-30' }) }, /"2026-02-30" is no day/],
	['a name with capitals', { 'A.md': page() }, /names have small letters/],
	['an end without a beginning', { 'a.md': page('{% end %}') }, /a\.md:7: "{% end %}" without/],
	['a beginning without an end', { 'a.md': page('{% if files %}') }, /"{% if word %}" without "{% end %}"/],
	['a condition within a line', { 'a.md': page('a {% if files %} b') }, /a\.md:7: .* have a line to themselves/],
	['a heading of the first level', { 'a.md': page('# A') }, /a\.md:7: headings begin at "##"/],
	['a picture that is not there', { 'a.md': page('![A long word](pictures/no.webp)') }, /a\.md:7: there is no picture "pictures\/no\.webp"/],
	['a picture from elsewhere', { 'a.md': page('![A long word](https://example.com/a.webp)') }, /there is no picture "https/],
	['a picture without words', { 'a.md': page('![](pictures/p.webp)'), ...picture }, /needs words/],
	['a picture that nobody shows', { 'a.md': page(), ...picture }, /p\.webp: no page shows this picture/],
	['a picture that is too large', { 'a.md': page(), 'pictures/p.webp': webp(1, 1, 60_001) }, /60001 bytes; a picture may have 60000/],
	['a label that nothing has', { 'a.md': page('Press **Save**.') }, /a\.md:7: nothing in the product is called "Save"/],
	['a label that has been changed, lines further down', { 'a.md': page('\n```\na\n```\n\nPress **Save\nsetting**.') }, /a\.md:12: .* called "Save setting"/],
	['words that nothing says', { 'a.md': page('“too few tries”') }, /a\.md:7: nothing in the product says “too few tries”/],
	['a command that is not there', { 'a.md': page('```\npostern client\n```') }, /a\.md:7: there is no command "postern client"/],
	['a verb that a command has not', { 'a.md': page('`postern setting get`') }, /there is no command "postern setting get"/],
	['an option that a command has not', { 'a.md': page('`postern serve --data a --mai b`') }, /"postern serve" knows no --mai/],
	['an option of another line of a command', { 'a.md': page('```\npostern serve --data a \\\n  --custody b\n```') }, /"postern serve" knows no --custody/],
	['a key that postern.conf has not', { 'a.md': page('```\nmail-to = a\n```') }, /postern\.conf knows no "mail-to"/],
	['a number of the product', { 'a.md': page('It is good for 14 days.') }, /a\.md:7: "14 days": a number of the product comes from its code/],
	['the same as a word', { 'a.md': page('Tried for five days.') }, /"five days"/],
	['a picture that is none', { 'a.md': page(), 'pictures/p.webp': 'x'.repeat(50) }, /that is no WebP picture/],
];
for (const [name, files, complaint] of BAD) {
	const { status, stderr, code } = compile(files);
	say(status === 1 && complaint.test(stderr) && !code, `refused: ${name}`, stderr);
}
console.log(`1..${count}`);
