// A real node behind a proxy that can drop connections, with checks of the received messages.

import assert from "node:assert/strict";
import WebSocket from "ws";
import { Deskgraph } from "../../../../tests/clients/support/deskgraph.js";
import { Proxy } from "./proxy.js";

export { Heard } from "../../../../tests/clients/support/until.js";

// Browsers and later versions of Node have a global WebSocket.
globalThis.WebSocket ??= WebSocket;

export const DOCUMENT = `subscription ($after: ChangeCursor) { messageAdded(after: $after) { body changeCursor } }`;

/** A node, a proxy in front of it, and a ticket for messages. */
export class Scene {
  /** @param t the test whose end removes the scene */
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

  /** Writes a message directly to the node. */
  write(body) {
    return this.node.add(this.ticket, body);
  }

  /** Restarts the node and drops connections repeatedly while messages are written, then checks the received messages. */
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
          // A failed request can have written its message: assertWhole compares with the ticket.
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

  /** Asserts that no message is missing, repeated or out of order. */
  async assertWhole(heard) {
    const written = (await this.node.messages(this.ticket)).map(({ body }) => body);
    const expected = written.slice(written.indexOf("start") + 1);
    assert.ok(expected.length > 0);
    assert.deepEqual(heard.values, expected);
  }
}
