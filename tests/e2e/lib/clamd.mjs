// The real clamd (Debian: clamav-daemon), with a database of one signature, on a socket in a temporary folder.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { waitForEnd, watch } from './child.mjs';
import { waitFor } from './wait.mjs';

const PROGRAM = ['/usr/sbin/clamd', '/usr/bin/clamd', '/usr/local/sbin/clamd'].find(file => fs.existsSync(file));
export const whyNoClamd = PROGRAM ? false : 'clamav-daemon is not installed';
export const STREAM_MAX_BYTES = 3 << 20;

// What every scanner finds (eicar.org); put together here, so that none finds it in our own files.
export const EICAR = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EIC', 'AR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('');

export class Clamd {
  static async start() {
    const clamd = new Clamd();
    clamd.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'postern-clamd-'));
    clamd.socket = path.join(clamd.folder, 'clamd.ctl');
    clamd.url = `unix:${clamd.socket}`;
    fs.mkdirSync(path.join(clamd.folder, 'temporary'));
    fs.writeFileSync(path.join(clamd.folder, 'postern.ndb'), `Test.EICAR:0:*:${Buffer.from(EICAR).toString('hex')}\n`);
    fs.writeFileSync(path.join(clamd.folder, 'clamd.conf'), `LocalSocket ${clamd.socket}\nDatabaseDirectory ${clamd.folder}
TemporaryDirectory ${clamd.folder}/temporary\nForeground yes\nStreamMaxLength ${STREAM_MAX_BYTES}\nAlertExceedsMax yes\n`);
    await clamd.run();
    return clamd;
  }

  async run() {
    this.child = spawn(PROGRAM, [`--config-file=${this.folder}/clamd.conf`], { stdio: ['ignore', 'pipe', 'pipe'] });
    let log = '';
    for (const stream of [this.child.stdout, this.child.stderr])
      stream.on('data', (bytes) => { log += bytes; });
    this.exited = once(this.child, 'exit');
    await waitFor('clamd to answer', () => {
      if (this.child.exitCode !== null || this.child.signalCode)
        throw new Error(`clamd ended: ${log}`);
      return this.#answers();
    });
    watch(this.child);
  }

  #answers() {
    return new Promise((resolve) => {
      const socket = net.connect(this.socket, () => socket.write('zPING\0'));
      socket.on('data', () => socket.destroy());
      socket.on('error', () => resolve(false));
      socket.on('close', (isError) => resolve(!isError && socket.bytesRead > 0));
    });
  }

  freeze() {
    this.child.kill('SIGSTOP');
  }

  thaw() {
    this.child.kill('SIGCONT');
  }

  async kill() {
    this.child.kill('SIGKILL');
    await waitForEnd(this.child, this.exited);
  }

  async stop() {
    if (this.child.exitCode === null && !this.child.signalCode)
      await this.kill();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}
