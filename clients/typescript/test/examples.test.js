// The examples of the README: their text is equal to the files, and they work.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { keepUpToDate } from "../examples/persistence.js";
import { printTickets } from "../examples/sse.js";
import { printMessages } from "../examples/websocket.js";
import { sockets } from "./support/clients.js";
import { Heard, Scene } from "./support/node.js";

const FOLDER = join(import.meta.dirname, "..");
const read = (...path) => readFileSync(join(FOLDER, ...path), "utf8");

test("the JavaScript blocks of the README are equal to the example files", () => {
  const shown = [...read("README.md").matchAll(/^```js\n(.*?)^```$/gms)].map(([, text]) => text).sort();
  const examples = readdirSync(join(FOLDER, "examples")).map((name) => read("examples", name));
  assert.deepEqual(shown, examples.sort());
});

test("the WebSocket example prints messages until the message Goodbye", async (t) => {
  const { node, proxy, start, ticket } = await Scene.set(t);
  const printed = new Heard();
  const done = printMessages({
    url: proxy.socketUrl,
    getToken: () => node.token,
    after: start,
    print: (line) => printed.push(line),
  });
  await node.add(ticket, "Hello");
  await printed.until((lines) => lines.length === 1);
  proxy.cut();
  for (const body of ["How are you?", "Goodbye", "Not heard"]) await node.add(ticket, body);
  await done;
  const lines = printed.values.map((line) => line.replace(/^.+?: /, ""));
  assert.deepEqual(lines, ["Hello", "How are you?", "Goodbye"]);
});

test("the server-sent events example prints changes of tickets until the signal", async (t) => {
  const { node, proxy, start, ticket } = await Scene.set(t);
  const printed = new Heard();
  const stop = new AbortController();
  const { viewer } = await node.ask("{ viewer { workspaces { id } } }");
  const done = printTickets({
    url: proxy.url,
    getToken: () => node.token,
    workspaceId: viewer.workspaces[0].id,
    after: start,
    signal: stop.signal,
    print: (line) => printed.push(JSON.parse(line)),
  });
  const update = (status) =>
    node.ask("mutation ($id: ID!, $status: TicketStatus) { ticketUpdate(id: $id, input: { status: $status }) { changeCursor } }", {
      id: ticket,
      status,
    });
  for (const status of ["PENDING", "SOLVED"]) await update(status);
  const changes = await printed.until((all) => all.length === 2);
  stop.abort();
  await done;
  assert.deepEqual(
    changes.map(({ name }) => name),
    ["ticket.updated", "ticket.updated"],
  );
  assert.equal(changes[1].ticket.status, "SOLVED");
});

test("an app that is restarted continues from the stored cursor", async (t) => {
  const scene = await Scene.set(t);
  const { node, ticket, start } = scene;
  const items = new Map([["cursor", start]]);
  const storage = { getItem: (key) => items.get(key) ?? null, setItem: (key, value) => void items.set(key, value) };
  const applied = new Heard();
  const lines = [];
  const open = (apply) =>
    keepUpToDate(sockets(t, scene), {
      storage,
      apply,
      reload: () => assert.fail("nothing was lost"),
      refreshToken: () => assert.fail("the token is good"),
      log: (line) => lines.push(line),
    });
  // The app is closed while it processes the third event, so the cursor of that event is not stored.
  let app;
  const closed = new Promise((resolve) => {
    app = open(async ({ objectId }) => {
      if (applied.values.length === 2) {
        app.unsubscribe();
        return resolve();
      }
      applied.push(objectId);
    });
  });
  for (let n = 0; n < 3; n++) await node.add(ticket, `before ${n}`);
  await closed;
  for (let n = 0; n < 2; n++) await node.add(ticket, `after ${n}`);
  app = open(async ({ objectId }) => applied.push(objectId));
  await applied.until((all) => all.length === 4);
  scene.proxy.cut();
  await node.add(ticket, "after it was cut");
  await applied.until((all) => all.length === 6);
  app.unsubscribe();
  const written = await node.messages(ticket);
  const expected = written.slice(written.findIndex(({ changeCursor }) => changeCursor === start) + 1);
  assert.deepEqual(
    applied.values,
    expected.map(({ id }) => id),
  );
  assert.equal(lines.length, 1);
  assert.match(lines[0], /^The socket was closed with 1006\. Trying again in \d+ ms\.$/);
});
