// Where the portal's mails arrive in tests: a real SMTP server (tests/fixtures/smtp.mjs), or the folder of .eml files.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { waitForEnd, watch } from './child.mjs';
import { readLetter } from './letter.mjs';
import { waitFor } from './wait.mjs';

const FIXTURE = fileURLToPath(new URL('../../fixtures/smtp.mjs', import.meta.url));

class PostOffice {
  // All mails to an address so far, in the order they came: {to, raw, fields, text, links}.
  to(address) {
    return this.all().filter((mail) => mail.to.includes(address));
  }

  // The newest mail to `address` whose link begins with the portal's /KIND/ ("register", "message", "reset").
  // `after`: how many of this kind have been seen before.
  async link(kind, address, after = 0) {
    const found = await waitFor(`mail ${after + 1} of kind ${kind} to ${address}`, () => {
      const links = this.to(address).flatMap((mail) => mail.links).filter((link) => link.includes(`/${kind}/`));
      return links.length > after && links;
    });
    return found.at(-1);
  }
}

export class SmtpServer extends PostOffice {
  // `port`: to come back where another one was before; 0 for any.
  static async start(mode = 'ok', port = 0) {
    const server = new SmtpServer();
    server.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'postern-smtp-'));
    server.file = path.join(server.folder, 'mails');
    server.child = spawn(process.execPath, [FIXTURE, mode, server.file, path.join(server.folder, 'certificate.pem')],
      { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, SMTP_PORT: String(port) } });
    server.exited = once(server.child, 'exit');
    const [line] = await once(server.child.stdout, 'data');
    watch(server.child);
    server.port = Number(line);
    server.url = `smtp://127.0.0.1:${server.port}`;
    return server;
  }

  all() {
    if (!fs.existsSync(this.file))
      return [];
    const lines = fs.readFileSync(this.file, 'utf8').split('\n');
    lines.pop(); // what follows the last line feed is not whole yet
    return lines.map((line) => JSON.parse(line)).map((mail) => ({ ...mail, ...readLetter(mail.raw) }));
  }

  async stop() {
    if (!fs.existsSync(this.folder))
      return; // stopped already
    this.child.stdin.end();
    await waitForEnd(this.child, this.exited);
    fs.rmSync(this.folder, { recursive: true });
  }
}

export class MailFolder extends PostOffice {
  constructor(folder) {
    super();
    this.folder = folder;
  }

  all() {
    if (!fs.existsSync(this.folder))
      return [];
    return fs.readdirSync(this.folder).filter((name) => name.endsWith('.eml')).sort().map((name) => {
      const raw = fs.readFileSync(path.join(this.folder, name), 'latin1');
      const letter = readLetter(raw);
      return { raw, to: letter.fields.to.match(/[^\s<>,]+@[^\s<>,]+/g), ...letter };
    });
  }
}
