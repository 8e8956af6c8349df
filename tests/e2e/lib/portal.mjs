// A portal of its own for a test: `postern init` in a temporary folder, `postern serve` on a free port.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { waitForEnd, watch } from './child.mjs';
import { MailFolder } from './post_office.mjs';
import { waitFor } from './wait.mjs';

const run = promisify(execFile);
export const PROGRAM = process.env.POSTERN ?? fileURLToPath(new URL('../../../build/postern', import.meta.url));
const POSTGRES = process.env.POSTERN_TEST_POSTGRES;
export const STORES = POSTGRES ? ['sqlite', 'postgres'] : ['sqlite'];

export async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

// Runs `postern ...words` to its end: {code, stdout, stderr}.
export async function postern(...words) {
  try {
    return { code: 0, ...await run(PROGRAM, words) };
  } catch (error) {
    if (typeof error.code !== 'number')
      throw error;
    return { code: error.code, stdout: error.stdout, stderr: error.stderr };
  }
}

let schemas = 0;

async function makeSchema() {
  const schema = `e2e_${process.pid}_${Date.now()}_${++schemas}`;
  await run('psql', ['-q', POSTGRES, '-c', `CREATE SCHEMA ${schema}`]);
  return { schema, url: `${POSTGRES}${POSTGRES.includes('?') ? '&' : '?'}options=-csearch_path%3D${schema}` };
}

// A portal's environment may move its clock: see tests/fixtures/clock_shift.c.
let clockLibrary;

async function makeClockLibrary() {
  if (!clockLibrary) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'postern-clock-'));
    const source = fileURLToPath(new URL('../../fixtures/clock_shift.c', import.meta.url));
    clockLibrary = path.join(folder, 'clock_shift.so');
    await run('cc', ['-shared', '-fPIC', '-O1', '-o', clockLibrary, source]);
    process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
  }
  return clockLibrary;
}

export class Portal {
  // {name, custody, store: 'sqlite'|'postgres', mail: url, https: bool, admin, line: a Line between
  // the portal and the world, args: [further options of serve]}
  static async start(options = {}) {
    const portal = await Portal.make(options);
    await portal.serve();
    return portal;
  }

  // Only `postern init`.
  static async make(options = {}) {
    const portal = new Portal();
    portal.name = options.name ?? 'Example Clinic';
    portal.admin = options.admin ?? 'anna@example.com';
    portal.inner = await freePort(); // what it listens on
    portal.port = options.line?.port ?? portal.inner;
    if (options.line)
      options.line.target = portal.inner;
    portal.url = `${options.https ? 'https' : 'http'}://localhost:${portal.port}`;
    portal.base = fs.mkdtempSync(path.join(os.tmpdir(), 'postern-e2e-'));
    portal.folder = path.join(portal.base, 'data');
    portal.mail = options.mail;
    portal.args = options.args ?? [];
    portal.log = '';
    portal.post = new MailFolder(path.join(portal.folder, 'mail'));
    portal.store = [];
    if (options.store === 'postgres') {
      const { schema, url } = await makeSchema();
      portal.schema = schema;
      portal.store = ['--store', url];
    }
    const { code, stdout, stderr } = await postern('init', '--data', portal.folder, '--name', portal.name, '--url', portal.url,
      '--admin', portal.admin, ...(options.custody ? ['--custody', options.custody] : []), ...portal.store);
    if (code !== 0)
      throw new Error(`postern init failed: ${stdout}${stderr}`);
    portal.initOutput = stdout;
    portal.link = stdout.trimEnd().split('\n').at(-1);
    return portal;
  }

  // Starts `postern serve`; `shift_s`: how far ahead its clock goes.
  async serve(shift_s = 0) {
    const words = ['serve', '--data', this.folder, '--listen', `127.0.0.1:${this.inner}`, ...this.store, ...this.args];
    if (this.mail)
      words.push('--mail', this.mail);
    const env = { ...process.env };
    if (shift_s)
      Object.assign(env, { LD_PRELOAD: await makeClockLibrary(), CLOCK_SHIFT_S: String(shift_s) });
    this.child = spawn(PROGRAM, words, { stdio: ['ignore', 'pipe', 'pipe'], env });
    let out = '';
    this.child.stdout.on('data', (bytes) => { out += bytes; });
    this.child.stderr.on('data', (bytes) => { this.log += bytes; });
    this.exited = once(this.child, 'exit');
    await waitFor('the portal to serve', () => {
      if (this.child.exitCode !== null || this.child.signalCode)
        throw new Error(`postern serve ended (${this.child.exitCode ?? this.child.signalCode}): ${out}${this.log}`);
      return out.includes('serves');
    });
    this.output = out;
    watch(this.child);
  }

  // SIGTERM; returns {code, signal}.
  async terminate() {
    this.child.kill('SIGTERM');
    const [code, signal] = await waitForEnd(this.child, this.exited);
    return { code, signal };
  }

  // SIGKILL: nothing is finished or told.
  async kill() {
    this.child.kill('SIGKILL');
    await waitForEnd(this.child, this.exited);
  }

  async restart(shift_s = 0) {
    await this.terminate();
    await this.serve(shift_s);
  }

  command(...words) {
    const [verb, ...rest] = words;
    const at = ['user', 'setting'].includes(verb) ? [verb, rest.shift()] : [verb];
    return postern(...at, '--data', this.folder, ...this.store, ...rest);
  }

  async stop() {
    if (this.child && this.child.exitCode === null && !this.child.signalCode)
      await this.terminate();
    if (this.schema)
      await run('psql', ['-q', POSTGRES, '-c', 'SET client_min_messages = error', '-c', `DROP SCHEMA ${this.schema} CASCADE`]);
    fs.rmSync(this.base, { recursive: true, force: true });
  }
}
