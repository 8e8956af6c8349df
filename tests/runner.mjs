// Runs test programs and tells the truth about them: a program that crashes, hangs, prints no plan, plans more than it
// ran or ran nothing is a failure, whatever else it says. Used by tests/run; tested by tests/runner.test.mjs.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const POINT = /^( *)(not )?ok (\d+)\b(?: - )?(.*)$/;
const PLAN = /^( *)1\.\.(\d+)\s*(#.*)?$/;

// Reads TAP 12 (cmocka: several groups, each with its plan) and TAP 13/14 (node: nested subtests, YAML blocks).
// Counts leaves only: a group whose tests are counted is not counted again, unless it failed on its own account.
export function parseTap(text) {
	const result = { passed: 0, skips: [], failures: [], problem: null };
	const levels = []; // by depth: points seen and planned, whether a leaf below failed
	const level = depth => (levels[depth] ??= { points: 0, planned: 0, plans: 0, failed: false });
	let failure = null;
	let yaml = null; // how far the block is indented that one is in: what it holds may have such dots, too
	let lines = [];

	const fail = (name) => {
		failure = { name, output: lines.splice(0) };
		result.failures.push(failure);
	};
	for (const line of text.split('\n')) {
		if (yaml !== null || /^\s+---$/.test(line)) {
			yaml ??= line.slice(0, -3);
			failure?.output.push(line);
			if (line === `${yaml}...`)
				yaml = null;
			continue;
		}
		if (/^Bail out!/.test(line))
			result.problem ??= line;
		const plan = PLAN.exec(line);
		if (plan) {
			const at = level(plan[1].length >> 2);
			at.planned += Number(plan[2]);
			at.plans++;
			continue;
		}
		const point = POINT.exec(line);
		if (!point) {
			// What a test says comes before its point (its own output) or after it (cmocka's reasons).
			if (failure && /^\s*#(?! Subtest)/.test(line))
				failure.output.push(line);
			else if (line.trim() && !/^\s*# Subtest|^TAP version/.test(line))
				lines.push(line);
			continue;
		}
		failure = null;
		const depth = point[1].length >> 2;
		const name = point[4] || `test ${point[3]}`;
		const children = levels.splice(depth + 1)[0];
		const at = level(depth);
		at.points++;
		at.failed ||= Boolean(point[2]);
		if (children?.points && children.points !== children.planned)
			result.problem ??= `planned ${children.planned} tests but ran ${children.points} in "${name}"`;
		if (/# *SKIP/i.test(point[4]))
			result.skips.push(name.replace(/ *# *SKIP */i, ' ').trim());
		else if (children?.points && (!point[2] || children.failed))
			lines = []; // a group: its tests were counted
		else if (point[2])
			fail(name);
		else
			result.passed++;
		if (!point[2])
			lines = [];
	}
	const top = level(0);
	if (top.plans === 0)
		result.problem ??= 'printed no plan: it ended before its tests did, or ran none';
	else if (top.points !== top.planned)
		result.problem ??= `planned ${top.planned} tests but ran ${top.points}`;
	else if (top.points === 0)
		result.problem ??= 'ran no test';
	return result;
}

// One result for a whole program: TAP, or for kind 'exit' only its exit code.
export function judge(program, run) {
	const result = program.kind === 'exit' ? { passed: 1, skips: [], failures: [], problem: null } : parseTap(run.output);
	if (run.error)
		result.problem = `could not be started: ${run.error}`;
	else if (run.isTimeout)
		result.problem = `was stopped after ${program.timeout_s} s`;
	else if (run.signal)
		result.problem = `was killed by ${run.signal}`;
	else if (run.code !== 0 && result.failures.length === 0)
		result.problem ??= `ended with exit code ${run.code}`;
	if (result.problem) {
		result.failures.push({ name: result.problem, output: run.output.split('\n').slice(-60) });
		if (program.kind === 'exit')
			result.passed = 0;
	}
	return result;
}

const running = new Set();

function killGroup(child) {
	try {
		process.kill(-child.pid, 'SIGKILL');
	} catch {
		// it is gone already
	}
}

function runProgram(program) {
	return new Promise(resolve => {
		const child = spawn(program.command[0], program.command.slice(1), {
			cwd: program.folder, detached: true, stdio: ['ignore', 'pipe', 'pipe'],
			env: { ...process.env, ...program.environment },
		});
		const run = { output: '', code: null, signal: null, isTimeout: false, error: null };
		const chunks = [];
		running.add(child);
		child.stdout.on('data', bytes => chunks.push(bytes));
		child.stderr.on('data', bytes => chunks.push(bytes));
		const alarm = setTimeout(() => {
			run.isTimeout = true;
			killGroup(child);
		}, program.timeout_s * 1000);
		child.on('error', error => {
			run.error = error.message;
			if (child.pid === undefined)
				child.emit('close');
		});
		child.on('exit', (code, signal) => {
			run.code = code;
			run.signal = signal;
			killGroup(child); // whatever it has left behind, so that its pipes close
		});
		child.on('close', () => {
			clearTimeout(alarm);
			running.delete(child);
			run.output = Buffer.concat(chunks).toString('utf8');
			resolve(run);
		});
	});
}

function report(program, result, seconds) {
	const failed = result.failures.length;
	const counts = `${result.passed} passed` + (failed ? `, ${failed} failed` : '') +
		(result.skips.length ? `, ${result.skips.length} skipped` : '');
	console.log(`${failed ? 'FAILED' : 'ok    '} ${program.name.padEnd(32)} ${counts} (${seconds.toFixed(1)} s)`);
	for (const name of result.skips)
		console.log(`    skipped: ${name}`);
	for (const failure of result.failures) {
		console.log(`    not ok: ${failure.name}`);
		for (const line of failure.output)
			console.log(`        ${line}`);
	}
}

// Runs all programs and returns the sums: first those that have no limit, as many at once as there are jobs, then those of
// which at most so many (`at_once`) may run together.
export async function runAll(programs, jobs = os.availableParallelism?.() ?? os.cpus().length) {
	const sums = { passed: 0, failed: 0, skipped: 0 };
	const runOne = async program => {
		const start = Date.now();
		const result = judge(program, await runProgram(program));
		report(program, result, (Date.now() - start) / 1000);
		sums.passed += result.passed;
		sums.failed += result.failures.length;
		sums.skipped += result.skips.length;
	};
	const work = async queue => {
		for (let program; (program = queue.shift());)
			await runOne(program);
	};
	const limits = [...new Set(programs.map(program => program.at_once))].sort((a, b) => b - a);
	for (const limit of limits) {
		const queue = programs.filter(program => program.at_once === limit);
		await Promise.all(Array.from({ length: Math.min(jobs, limit) }, () => work(queue)));
	}
	return sums;
}

export function summary(sums) {
	return `${sums.passed} passed, ${sums.failed} failed` + (sums.skipped ? `, ${sums.skipped} skipped` : '');
}

// The programs that a Meson build folder has registered with test(), of one suite or (null) of all.
export function mesonPrograms(introspection, suite, folder) {
	return introspection
		.filter(test => !suite || test.suite.some(name => name.split(':').pop() === suite))
		.map(test => ({
			name: test.name, command: test.cmd, environment: test.env, folder: test.workdir ?? folder,
			timeout_s: test.timeout, kind: test.protocol === 'tap' ? 'tap' : 'exit', at_once: test.is_parallel ? Infinity : 1,
		}));
}

// A node test file runs as a plain program: `node --test` would call an empty file a passed test. Each has a browser and
// a portal of its own; more than two at once would make the other wait for longer than people do.
export function nodeProgram(file, timeout_s) {
	return {
		name: file.split('/').slice(-2).join('/'), command: [process.execPath, '--test-reporter=tap', file],
		environment: {}, folder: process.cwd(), timeout_s, kind: 'tap', at_once: 2,
	};
}

const USAGE = `runner.mjs --build DIR [--suite NAME] [--slow FACTOR] [--e2e FOLDER] [NAME...]
Runs the tests of a Meson build folder, then the *.test.mjs of FOLDER; with NAMEs only those containing one of them.`;

function readOptions(words) {
	const options = { build: null, suite: null, slow: 1, e2e: null, names: [] };
	for (let word; (word = words.shift()) !== undefined;) {
		const key = word.slice(2);
		if (!word.startsWith('--'))
			options.names.push(word);
		else if (key in options && key !== 'names' && words.length)
			options[key] = words.shift();
		else
			throw new Error(USAGE);
	}
	return options;
}

function listPrograms(options) {
	const programs = [];
	if (options.build) {
		const introspection = execFileSync('meson', ['introspect', '--tests', options.build], { maxBuffer: 1 << 26 });
		programs.push(...mesonPrograms(JSON.parse(introspection), options.suite, options.build));
	}
	if (options.e2e && fs.existsSync(options.e2e))
		for (const file of fs.readdirSync(options.e2e).filter(name => name.endsWith('.test.mjs')).sort())
			programs.push(nodeProgram(path.resolve(options.e2e, file), 600));
	for (const program of programs)
		program.timeout_s *= Number(options.slow);
	return programs.filter(program => !options.names.length ||
		options.names.some(name => program.name.includes(name)));
}

async function main() {
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
		process.on(signal, () => {
			running.forEach(killGroup);
			process.exit(130);
		});
	const sums = await runAll(listPrograms(readOptions(process.argv.slice(2))));
	if (sums.passed + sums.failed === 0) {
		console.log('Nothing was tested.');
		sums.failed = 1;
	}
	console.log(summary(sums));
	process.exitCode = sums.failed ? 1 : 0;
}

if (process.argv[1] && import.meta.url === pathToFileURL(fs.realpathSync(process.argv[1])).href)
	await main();
