// graphql-ws: https://the-guild.dev/graphql/ws

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { Deskgraph } from "./support/deskgraph.js";
import { follow } from "./support/following.js";
import { Heard } from "./support/until.js";

const WATCH = `subscription ($after: ChangeCursor) { messageAdded(after: $after) { id body changeCursor } }`;

let node;
before(async () => (node = await Deskgraph.start()));
after(() => node.remove());

function connect(options = {}) {
  return createClient({
    url: node.socketUrl,
    webSocketImpl: WebSocket,
    connectionParams: { Authorization: `Bearer ${node.token}` },
    ...options,
  });
}

test("a query and a mutation run on the socket", async () => {
  const client = connect();
  const one = async (payload) => {
    const answers = [];
    for await (const answer of client.iterate(payload)) answers.push(answer);
    assert.equal(answers.length, 1);
    return answers[0].data;
  };
  const { id } = await node.ticket();
  const query = "query ($id: ID!) { ticket(id: $id) { status } }";
  const update = `mutation ($id: ID!) {
    ticketUpdate(id: $id, input: { status: PENDING }) { ticket { status } userErrors { message } }
  }`;
  const { ticketUpdate } = await one({ query: update, variables: { id } });
  assert.deepEqual(ticketUpdate, { ticket: { status: "PENDING" }, userErrors: [] });
  assert.deepEqual(await one({ query, variables: { id } }), { ticket: { status: "PENDING" } });
  await client.dispose();
});

test("a subscription starts after its cursor and continues with new messages", async () => {
  const client = connect();
  const { id } = await node.ticket();
  const start = await node.add(id, "before");
  await node.add(id, "behind");
  const messages = new Heard();
  const following = follow(client, WATCH, start, (message) => messages.push(message.body));
  await messages.until((bodies) => bodies.length === 1);
  await node.add(id, "live");
  assert.deepEqual(await messages.until((bodies) => bodies.length === 2), ["behind", "live"]);
  following.stop();
  await following.ended;
  await client.dispose();
});

test("an invalid document is refused, and the connection stays open", async () => {
  const client = connect({ lazy: false, onNonLazyError: () => {} });
  let connections = 0;
  client.on("connected", () => connections++);
  const answer = (query) => client.iterate({ query }).next();
  await assert.rejects(answer("{ nothing }"), (errors) => {
    assert.equal(errors[0].extensions.code, "BAD_USER_INPUT");
    return true;
  });
  const { value } = await answer("{ viewer { kind } }");
  assert.deepEqual(value.data, { viewer: { kind: "AGENT" } });
  assert.equal(connections, 1);
  await client.dispose();
});

test("a wrong token is refused with 4403", async () => {
  const client = connect({ connectionParams: { Authorization: "Bearer wrong" }, retryAttempts: 0 });
  await assert.rejects(client.iterate({ query: "{ viewer { kind } }" }).next(), { code: 4403 });
});

test("a client survives server restarts and receives every message once and in order", async () => {
  const { id } = await node.ticket();
  const start = await node.add(id, "start");
  const client = connect({ retryAttempts: Infinity, retryWait: async () => {}, shouldRetry: () => true });
  let connections = 0;
  const connected = new Heard();
  client.on("connected", () => connected.push(++connections));
  const messages = new Heard();
  const following = follow(client, WATCH, start, (message) => messages.push(message));

  for (const signal of ["SIGTERM", "SIGKILL", "SIGTERM", "SIGKILL"]) {
    const known = messages.values.length;
    // Messages are written one after the other, and the server ends in between.
    const writing = (async () => {
      for (let n = 0; ; n++) {
        try {
          await node.add(id, `${signal} ${n}`);
        } catch {
          return;
        }
      }
    })();
    await messages.until((all) => all.length >= known + 10);
    await node.end(signal);
    await writing;
    await node.serve();
    // Written before the client may have reconnected.
    for (let n = 0; n < 5; n++) await node.add(id, `after ${signal} ${n}`);
    await messages.until((all) => all.at(-1).body === `after ${signal} 4`);
  }
  following.stop();
  await following.ended;
  await client.dispose();
  assert.equal(connections, 5);

  // Includes a message whose response was lost.
  const written = await node.messages(id);
  const position = written.findIndex(({ changeCursor }) => changeCursor === messages.values[0].changeCursor);
  assert.ok(written.length - position >= 4 * 15);
  assert.deepEqual(
    messages.values.map(({ body }) => body),
    written.slice(position).map(({ body }) => body),
  );
  assert.equal(written[position - 1].body, "start");
});
