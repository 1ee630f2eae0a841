// The position of the cursor in the data, its variable, and transports that reconnect by themselves.

import assert from "node:assert/strict";
import { test } from "node:test";
import { follow } from "@deskgraph/follow";
import { DOCUMENT, event, fakeTime, notes, pass, settled, Transport } from "./support/transport.js";

function observed(options) {
  const transport = new Transport();
  const observer = notes();
  follow(transport, { query: DOCUMENT, after: "c0", ...options }).subscribe(observer);
  return { transport, heard: observer.heard };
}

test("the root field can have any name", async () => {
  const { transport, heard } = observed();
  await settled();
  transport.last.sink.next({ data: { said: { changeCursor: "c1" } } });
  await settled();
  assert.deepEqual(heard, ["c1"]);
});

test("getCursor and cursorVariable set another position and another variable", async (t) => {
  fakeTime(t);
  const { transport, heard } = observed({
    query: "subscription ($from: ChangeCursor) { changes(after: $from) { at: changeCursor } }",
    cursorVariable: "from",
    getCursor: (data) => data.changes.at,
  });
  await settled();
  assert.deepEqual(transport.last.sent.variables, { from: "c0" });
  transport.last.sink.next({ data: { changes: { at: "c1" } } });
  transport.last.sink.error(new Error("lost"));
  await settled();
  await pass(t, 500);
  assert.deepEqual(heard, ["c1"]);
  assert.deepEqual(transport.last.sent.variables, { from: "c1" });
});

for (const [name, answer, options] of [
  ["has no cursor", { data: { messageAdded: { body: "1" } } }],
  ["has a null cursor", { data: { messageAdded: { changeCursor: null } } }],
  ["has no data", { data: null }],
  ["getCursor cannot read", event(1), { getCursor: (data) => data.no.such }],
]) {
  test(`an event that ${name} ends the subscription, because a retry would repeat it`, async () => {
    const { transport, heard } = observed(options);
    await settled();
    transport.last.sink.next(answer);
    await settled();
    const [error] = heard;
    assert.equal(heard.length, 1);
    assert.equal(error.name, "FollowError");
    assert.equal(error.code, "NO_CURSOR");
    assert.equal(error.cursor, "c0");
    assert.equal(error.cause instanceof TypeError, options !== undefined);
    assert.equal(transport.last.isOpen, false);
  });
}

test("a transport that reconnects by itself sends the last received cursor", async () => {
  const transport = new Transport();
  const all = follow(transport, { query: DOCUMENT, after: "c0" })[Symbol.asyncIterator]();
  const first = all.next();
  transport.last.send(1, 3);
  assert.equal((await first).value.cursor, "c1");
  transport.last.connect();
  assert.equal(transport.last.sent.variables.after, "c3");
  transport.last.send(4);
  for (const cursor of ["c2", "c3", "c4"]) assert.equal((await all.next()).value.cursor, cursor);
  assert.equal(transport.opened.length, 1);
});

test("a copy of the payload with the same variables object sends the last received cursor", async () => {
  const { transport } = observed();
  await settled();
  const copy = { ...transport.last.payload };
  transport.last.send(1);
  assert.equal(JSON.parse(JSON.stringify(copy)).variables.after, "c1");
});

test("a transport that repeats events from its first cursor is unsubscribed, and no event is repeated", async () => {
  const { transport, heard } = observed();
  await settled();
  transport.last.send(1, 3);
  // The transport reconnects with the text of the first request.
  transport.last.send(1, 4);
  await settled();
  assert.deepEqual(heard, ["c1", "c2", "c3"]);
  assert.equal(transport.opened[0].isOpen, false);
  assert.deepEqual(transport.after, ["c0", "c3"]);
  transport.last.send(4);
  await settled();
  assert.deepEqual(heard, ["c1", "c2", "c3", "c4"]);
});
