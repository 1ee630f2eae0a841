// A network between a client and a node, which can be cut.

import { once } from "node:events";
import { connect, createServer } from "node:net";

export class Proxy {
  #server;
  #sockets = new Set();

  /** Passes on to a port of this machine. */
  static async to(port) {
    const proxy = new Proxy();
    proxy.#server = createServer((near) => {
      const far = connect(port, "127.0.0.1");
      for (const [one, other] of [
        [near, far],
        [far, near],
      ]) {
        proxy.#sockets.add(one);
        one.on("error", () => {});
        one.on("close", () => {
          proxy.#sockets.delete(one);
          other.destroy();
        });
        one.pipe(other);
      }
    });
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    const { port: own } = proxy.#server.address();
    proxy.url = `http://127.0.0.1:${own}/graphql`;
    proxy.socketUrl = `ws://127.0.0.1:${own}/graphql`;
    return proxy;
  }

  /** Every connection ends, in the middle of whatever it carries. */
  cut() {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** What is connected stays so, and says nothing any more. Who comes later is served. */
  freeze() {
    for (const socket of this.#sockets) socket.unpipe().pause();
  }

  async close() {
    this.cut();
    this.#server.close();
    await once(this.#server, "close");
  }
}
