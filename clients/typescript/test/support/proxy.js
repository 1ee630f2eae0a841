// A proxy between a client and a node that can drop or freeze connections.

import { once } from "node:events";
import { connect, createServer } from "node:net";

export class Proxy {
  #server;
  #sockets = new Set();

  /** Starts a proxy to a local port. */
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

  /** Resets all open connections. */
  cut() {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Stops all data on the open connections without closing them. New connections work. */
  freeze() {
    for (const socket of this.#sockets) socket.unpipe().pause();
  }

  async close() {
    this.cut();
    this.#server.close();
    await once(this.#server, "close");
  }
}
