// A real node behind a network that can be cut, and what must hold whatever happens to both.

import assert from "node:assert/strict";
import WebSocket from "ws";
import { Deskgraph } from "../../../../tests/clients/support/deskgraph.js";
import { Proxy } from "./proxy.js";

export { Heard } from "../../../../tests/clients/support/until.js";

// As in browsers, and in later versions of Node.
globalThis.WebSocket ??= WebSocket;

export const DOCUMENT = `subscription ($after: ChangeCursor) { messageAdded(after: $after) { body cursor } }`;

/** A node, a way to it, and a ticket to write to. */
export class Scene {
  /** @param t the test, with which it goes away */
  static async set(t) {
    const scene = new Scene();
    scene.node = await Deskgraph.start();
    scene.proxy = await Proxy.to(scene.node.port);
    t.after(async () => {
      await scene.proxy.close();
      await scene.node.remove();
    });
    scene.ticket = (await scene.node.ticket()).id;
    scene.start = await scene.write("start");
    return scene;
  }

  /** Writes a message, past the proxy. */
  write(body) {
    return this.node.add(this.ticket, body);
  }

  /** What was done to the node and its network, one after the other, while messages were written. */
  async endure(heard) {
    const { node, proxy } = this;
    const restarted = (signal) => async () => {
      await node.end(signal);
      await node.serve();
    };
    const trouble = [restarted("SIGKILL"), () => proxy.cut(), restarted("SIGTERM"), () => proxy.cut(), restarted("SIGKILL")];
    for (const [part, happen] of trouble.entries()) {
      const known = heard.values.length;
      let isOver = false;
      const writing = (async () => {
        for (let n = 0; !isOver; n++) {
          // One that was refused or got lost may be there all the same: the ticket tells.
          await this.write(`part ${part}, ${n}`).catch(() => {});
        }
      })();
      await heard.until((all) => all.length >= known + 10);
      await happen();
      isOver = true;
      await writing;
      for (let n = 0; n < 5; n++) await this.write(`after part ${part}, ${n}`);
      await heard.until((all) => all.at(-1) === `after part ${part}, 4`);
    }
    await this.assertWhole(heard);
  }

  /** Nothing is missing, nothing came twice, nothing is out of order. */
  async assertWhole(heard) {
    const written = (await this.node.messages(this.ticket)).map(({ body }) => body);
    const expected = written.slice(written.indexOf("start") + 1);
    assert.ok(expected.length > 0);
    assert.deepEqual(heard.values, expected);
  }
}
