// A consumer that is slower than the server.

import assert from "node:assert/strict";
import { test } from "node:test";
import { follow } from "@deskgraph/follow";
import { DOCUMENT, settled, Transport } from "./support/transport.js";

test("a full buffer ends the subscription, and the next one starts after the buffered events", async () => {
  const transport = new Transport();
  const all = follow(transport, { query: DOCUMENT, after: "c0", bufferSize: 3 })[Symbol.asyncIterator]();
  const heard = [(await Promise.all([all.next(), transport.last.send(1, 10)]))[0].value.cursor];
  assert.equal(transport.last.isOpen, false);
  while (transport.opened.length === 1) {
    const next = all.next();
    await settled();
    if (transport.opened.length === 2) transport.last.send(heard.length + 1, 5);
    heard.push((await next).value.cursor);
  }
  heard.push((await all.next()).value.cursor);
  assert.deepEqual(heard, ["c1", "c2", "c3", "c4", "c5"]);
  assert.deepEqual(transport.after, ["c0", "c3"]);
  assert.equal(transport.last.isOpen, true);
});

test("the client does not reconnect before the consumer has taken the buffered events", async () => {
  const transport = new Transport();
  const all = follow(transport, { query: DOCUMENT, bufferSize: 2 })[Symbol.asyncIterator]();
  const first = all.next();
  transport.last.send(1, 2);
  await first;
  await settled();
  assert.equal(transport.opened.length, 1);
  assert.equal((await all.next()).value.cursor, "c2");
  assert.equal(transport.opened.length, 1);
});

test("the default buffer holds 1024 events", async () => {
  const transport = new Transport();
  const all = follow(transport, { query: DOCUMENT })[Symbol.asyncIterator]();
  const first = all.next();
  transport.last.send(1, 1023);
  assert.equal(transport.last.isOpen, true);
  transport.last.send(1024);
  assert.equal(transport.last.isOpen, false);
  await first;
  for (let number = 2; number <= 1024; number++) assert.equal((await all.next()).value.cursor, `c${number}`);
  await all.return();
});
