// graphql-sse: https://the-guild.dev/graphql/sse

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createClient } from "graphql-sse";
import { Deskgraph } from "./support/deskgraph.js";
import { Heard } from "./support/until.js";

const WATCH = `subscription ($after: ChangeCursor) { messageAdded(after: $after) { body changeCursor } }`;

let node;
before(async () => (node = await Deskgraph.start()));
after(() => node.remove());

function connect(options = {}) {
  return createClient({
    url: node.url,
    headers: { Authorization: `Bearer ${node.token}` },
    ...options,
  });
}

test("a mutation sends one result", async () => {
  const client = connect();
  const { id } = await node.ticket();
  const update = `mutation ($id: ID!) {
    ticketUpdate(id: $id, input: { status: PENDING }) { ticket { status } userErrors { message } }
  }`;
  const answers = [];
  for await (const answer of client.iterate({ query: update, variables: { id } })) answers.push(answer);
  assert.deepEqual(answers, [{ data: { ticketUpdate: { ticket: { status: "PENDING" }, userErrors: [] } } }]);
  client.dispose();
});

test("an invalid document is reported with its code", async () => {
  const client = connect();
  const { value } = await client.iterate({ query: "{ nothing }" }).next();
  assert.equal(value.errors[0].extensions.code, "BAD_USER_INPUT");
  client.dispose();
});

test("a wrong token is refused with 401", async () => {
  const client = connect({ headers: { Authorization: "Bearer wrong" }, retryAttempts: 0 });
  await assert.rejects(client.iterate({ query: "{ viewer { kind } }" }).next(), (error) => {
    assert.equal(error.response.status, 401);
    return true;
  });
});

test("a client survives server restarts and receives every message once and in order", async () => {
  const { id } = await node.ticket();
  let cursor = await node.add(id, "start");
  const client = connect({ retryAttempts: Infinity, retry: async () => {} });
  const messages = new Heard();
  const stopped = new AbortController();
  // The library subscribes again with the same payload object. A getter returns the last cursor.
  const payload = {
    query: WATCH,
    get variables() {
      return { after: cursor };
    },
  };
  const listening = (async () => {
    while (!stopped.signal.aborted) {
      await new Promise((resolve) => {
        const stop = client.subscribe(payload, {
          next: ({ data }) => {
            cursor = data.messageAdded.changeCursor;
            messages.push(data.messageAdded.body);
          },
          error: resolve,
          complete: resolve,
        });
        stopped.signal.addEventListener("abort", stop);
      });
    }
  })();
  const expected = [];
  for (const signal of ["SIGTERM", "SIGKILL"]) {
    for (let n = 0; n < 5; n++) {
      await node.add(id, `before ${signal} ${n}`);
      expected.push(`before ${signal} ${n}`);
    }
    await messages.until((all) => all.length === expected.length);
    await node.end(signal);
    await node.serve();
    for (let n = 0; n < 5; n++) {
      await node.add(id, `after ${signal} ${n}`);
      expected.push(`after ${signal} ${n}`);
    }
    await messages.until((all) => all.length >= expected.length);
  }
  stopped.abort();
  await listening;
  client.dispose();
  assert.deepEqual(messages.values, expected);
});
