// The test runner itself: what must not pass for success. Run by tests/run before anything else.
import assert from 'node:assert';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { pathToFileURL } from 'node:url';

const runner = path.join(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), 'runner.mjs');

// A small Meson introspection is not needed: e2e files and a fake `meson` on the PATH say what to run.
function runFakes(fakes) {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'runner-'));
	const list = Object.entries(fakes).map(([name, fake]) => ({
		name, cmd: ['/bin/sh', '-c', fake.script], env: {}, workdir: folder, timeout: fake.timeout ?? 20,
		suite: ['postern:unit'], protocol: fake.protocol ?? 'tap', is_parallel: !fake.is_alone,
	}));
	fs.writeFileSync(path.join(folder, 'list.json'), JSON.stringify(list));
	fs.writeFileSync(path.join(folder, 'meson'), `#!/bin/sh\ncat '${folder}/list.json'\n`, { mode: 0o755 });
	try {
		const environment = { ...process.env, PATH: `${folder}:${process.env.PATH}`, NODE_TEST_CONTEXT: '' };
		const output = execFileSync(process.execPath, [runner, '--build', folder], { env: environment, encoding: 'utf8' });
		return { code: 0, output, last: output.trimEnd().split('\n').pop() };
	} catch (error) {
		return { code: error.status, output: error.stdout, last: error.stdout.trimEnd().split('\n').pop() };
	} finally {
		fs.rmSync(folder, { recursive: true });
	}
}

const good = 'echo 1..2; echo ok 1 - a; echo ok 2 - b';
const rows = [
	['a program whose tests pass', { script: good }, '2 passed, 0 failed', 0],
	['several groups, each with its plan', { script: `${good}; ${good}` }, '4 passed, 0 failed', 0],
	['a plan at the end', { script: 'echo ok 1 - a; echo 1..1' }, '1 passed, 0 failed', 0],
	['a skipped test is neither', { script: 'echo 1..2; echo ok 1 - a; echo "not ok 2 # SKIP no engine"' },
		'1 passed, 0 failed, 1 skipped', 0],
	['one test that fails', { script: 'echo 1..2; echo ok 1 - a; echo not ok 2 - b; exit 1' }, '1 passed, 1 failed', 1],
	['one test that fails, though the program says 0', { script: 'echo 1..1; echo not ok 1 - a' }, '0 passed, 1 failed', 1],
	['a program that crashes after its tests', { script: `${good}; kill -SEGV $$` }, '2 passed, 1 failed', 1],
	['a program that crashes in the middle', { script: 'echo 1..2; echo ok 1 - a; kill -ABRT $$' }, '1 passed, 1 failed', 1],
	['a program that ends too early, politely', { script: 'echo 1..2; echo ok 1 - a' }, '1 passed, 1 failed', 1],
	['more tests than planned', { script: 'echo 1..1; echo ok 1 - a; echo ok 2 - b' }, '2 passed, 1 failed', 1],
	['no plan', { script: 'echo ok 1 - a' }, '1 passed, 1 failed', 1],
	['an empty plan', { script: 'echo 1..0' }, '0 passed, 1 failed', 1],
	['a program that prints nothing', { script: 'true' }, '0 passed, 1 failed', 1],
	['an exit code other than 0 after passed tests', { script: `${good}; exit 3` }, '2 passed, 1 failed', 1],
	['bailing out', { script: `${good}; echo "Bail out! no disk"` }, '2 passed, 1 failed', 1],
	['a program that hangs', { script: `${good}; sleep 60`, timeout: 1 }, '2 passed, 1 failed', 1],
	['a program that cannot be started', { script: 'exec /nowhere/at/all' }, '0 passed, 1 failed', 1],
	['a program judged by its exit code', { script: 'exit 0', protocol: 'exitcode' }, '1 passed, 0 failed', 0],
	['a program judged by its exit code that fails', { script: 'exit 1', protocol: 'exitcode' }, '0 passed, 1 failed', 1],
	['a group whose only fault is a test in it is counted once',
		{ script: 'echo "    not ok 1 - a"; echo "    1..1"; echo not ok 1 - group; echo 1..1; exit 1' }, '0 passed, 1 failed', 1],
	['a group is not counted beside its tests',
		{ script: 'echo "    ok 1 - a"; echo "    ok 2 - b"; echo "    1..2"; echo ok 1 - group; echo 1..1' }, '2 passed, 0 failed', 0],
	['a group that fails though its tests pass',
		{ script: 'echo "    ok 1 - a"; echo "    1..1"; echo not ok 1 - group; echo 1..1; exit 1' }, '1 passed, 1 failed', 1],
	['a group that plans more than it ran',
		{ script: 'echo "    ok 1 - a"; echo "    1..2"; echo ok 1 - group; echo 1..1' }, '1 passed, 1 failed', 1],
	['a quotation in a report is not a result',
		{ script: 'echo 1..1; echo ok 1 - a; echo "  ---"; echo "  not ok 2 - b"; echo "  ..."' }, '1 passed, 0 failed', 0],
	['dots in a quotation do not end it',
		{ script: 'echo 1..1; echo not ok 1 - a; echo "  ---"; echo "    ..."; echo "    ok 2 - b"; echo "  ..."' }, '0 passed, 1 failed', 1],
];

for (const [sentence, fake, last, code] of rows)
	test(sentence, () => {
		const run = runFakes({ fake });
		assert.strictEqual(run.last, last, run.output);
		assert.strictEqual(run.code, code);
	});

test('nothing to run is a failure', () => {
	const run = runFakes({});
	assert.strictEqual(run.last, '0 passed, 1 failed');
	assert.strictEqual(run.code, 1);
});

test('sums over programs, and what a failing one said is shown', () => {
	const run = runFakes({ one: { script: good }, two: { script: 'echo 1..1; echo because of this; echo not ok 1 - b; exit 1' } });
	assert.strictEqual(run.last, '2 passed, 1 failed');
	assert.match(run.output, /not ok: b\n\s+because of this/);
});

test('what a program leaves behind is ended with it', () => {
	const run = runFakes({ leaver: { script: `sleep 600 & ${good}` } });
	assert.strictEqual(run.last, '2 passed, 0 failed');
});

// Each fails when one more than `most` runs at the same moment; they are there long enough to meet.
const crowd = (folder, most) => `mkdir ${folder}/$$; sleep 0.3; [ $(ls ${folder} | wc -l) -le ${most} ] && echo ok 1 - a || echo not ok 1 - a; rmdir ${folder}/$$; echo 1..1`;

test('who must be alone is', () => {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'crowd-'));
	const fake = { script: crowd(folder, 1), is_alone: true };
	const run = runFakes({ one: fake, two: fake, three: fake, four: fake });
	fs.rmSync(folder, { recursive: true });
	assert.match(run.last, /^4 passed, 0 failed/, run.output);
});

test('of those in a browser two run at once, however many jobs there are', async () => {
	const { runAll, nodeProgram } = await import(pathToFileURL(runner).href);
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'crowd-'));
	const program = { ...nodeProgram('x.test.mjs', 20), command: ['/bin/sh', '-c', crowd(folder, 2)] };
	const sums = await runAll(Array(6).fill(program), 4);
	fs.rmSync(folder, { recursive: true });
	assert.deepStrictEqual(sums, { passed: 6, failed: 0, skipped: 0 });
});
