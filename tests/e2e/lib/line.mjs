// A line between a browser and a portal that can be cut: Portal.start({ line: await Line.start() }).
import { once } from 'node:events';
import net from 'node:net';

export class Line {
  #sockets = new Set();
  #isDown = false;
  target; // port of the portal

  static async start() {
    const line = new Line();
    line.server = net.createServer((near) => line.#connect(near)).listen(0, '127.0.0.1');
    line.server.unref();
    await once(line.server, 'listening');
    line.port = line.server.address().port;
    return line;
  }

  #connect(near) {
    if (this.#isDown)
      return void near.destroy();
    const far = net.connect(this.target, '127.0.0.1');
    const pair = { near, far };
    this.#sockets.add(pair);
    const forget = () => { this.#sockets.delete(pair); near.destroy(); far.destroy(); };
    for (const socket of [near, far])
      socket.on('error', forget);
    near.on('close', () => { if (!pair.isCut) forget(); });
    far.on('close', forget);
    near.pipe(far);
    far.pipe(near);
  }

  // As a phone that leaves the house: the browser notices, and nobody tells the portal.
  cut() {
    this.#isDown = true;
    for (const pair of this.#sockets) {
      pair.isCut = true;
      pair.near.unpipe(pair.far);
      pair.near.destroy();
    }
  }

  mend() {
    this.#isDown = false;
  }

  async stop() {
    for (const { near, far } of this.#sockets) {
      near.destroy();
      far.destroy();
    }
    this.server.close();
    await once(this.server, 'close');
  }
}
