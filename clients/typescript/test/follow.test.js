// The events that the consumer receives, and the calls of onCursor.

import assert from "node:assert/strict";
import { test } from "node:test";
import { follow } from "@deskgraph/follow";
import { DOCUMENT, event, notes, settled, Transport } from "./support/transport.js";

const items = (following) => following[Symbol.asyncIterator]();

test("no request is sent before iteration or subscribe", async () => {
  const transport = new Transport();
  const following = follow(transport, { query: DOCUMENT, after: "c0" });
  await settled();
  assert.equal(transport.opened.length, 0);
  const first = items(following).next();
  assert.deepEqual(transport.last.sent, { query: DOCUMENT, variables: { after: "c0" } });
  transport.last.send(1);
  assert.deepEqual(await first, {
    done: false,
    value: { data: { messageAdded: { body: "message 1", changeCursor: "c1" } }, cursor: "c1" },
  });
});

test("the request contains the document, variables, operation name and extensions", async () => {
  const transport = new Transport();
  const variables = { ticketId: "tkt_1", after: "c7" };
  const query = { toString: () => DOCUMENT };
  follow(transport, { query, variables, operationName: "Watch", extensions: { a: 1 } }).subscribe({});
  await settled();
  assert.deepEqual(transport.last.sent, { query: DOCUMENT, variables, operationName: "Watch", extensions: { a: 1 } });
  assert.deepEqual(variables, { ticketId: "tkt_1", after: "c7" });
});

test("the option after takes precedence over the variable, and both are optional", async () => {
  const transport = new Transport();
  follow(transport, { query: DOCUMENT, variables: { after: "c1" }, after: "c2" }).subscribe({});
  follow(transport, { query: DOCUMENT, after: null }).subscribe({});
  await settled();
  assert.deepEqual(transport.after, ["c2", undefined]);
  assert.ok(!("after" in transport.last.sent.variables));
});

test("onCursor is called when the next event is requested", async () => {
  const transport = new Transport();
  const kept = [];
  const all = items(follow(transport, { query: DOCUMENT, onCursor: (cursor) => void kept.push(cursor) }));
  const first = all.next();
  transport.last.send(1, 3);
  assert.equal((await first).value.cursor, "c1");
  await settled();
  assert.deepEqual(kept, []);
  assert.equal((await all.next()).value.cursor, "c2");
  assert.deepEqual(kept, ["c1"]);
  assert.deepEqual(await all.return(), { done: true, value: undefined });
  assert.deepEqual(kept, ["c1"]);
  assert.equal(transport.last.isOpen, false);
});

test("onCursor is called after the observer has returned, and the observer receives one event at a time", async () => {
  const transport = new Transport();
  const told = [];
  let done;
  follow(transport, { query: DOCUMENT, onCursor: (cursor) => void told.push(`kept ${cursor}`) }).subscribe({
    next({ cursor }) {
      told.push(cursor);
      return new Promise((resolve) => (done = resolve));
    },
  });
  await settled();
  transport.last.send(1, 2);
  await settled();
  assert.deepEqual(told, ["c1"]);
  done();
  await settled();
  assert.deepEqual(told, ["c1", "kept c1", "c2"]);
});

test("the next event waits for onCursor, and an error of onCursor ends the subscription", async () => {
  const transport = new Transport();
  const full = new Error("disk full");
  let fail;
  const onCursor = () => new Promise((_, reject) => (fail = reject));
  const observer = notes();
  follow(transport, { query: DOCUMENT, onCursor }).subscribe(observer);
  await settled();
  transport.last.send(1, 2);
  await settled();
  assert.deepEqual(observer.heard, ["c1"]);
  fail(full);
  await settled();
  assert.deepEqual(observer.heard, ["c1", full]);
  assert.equal(transport.last.isOpen, false);
});

test("leaving the loop ends the subscription", async () => {
  const transport = new Transport();
  const following = follow(transport, { query: DOCUMENT });
  setImmediate(() => transport.last.send(1, 2));
  for await (const { cursor } of following) {
    assert.equal(cursor, "c1");
    break;
  }
  assert.equal(transport.last.isOpen, false);
});

test("an error of the observer ends the subscription and is passed to its error callback", async () => {
  const transport = new Transport();
  const mistake = new Error("mistake");
  const heard = [];
  const kept = [];
  follow(transport, { query: DOCUMENT, onCursor: (cursor) => void kept.push(cursor) }).subscribe({
    next: () => {
      throw mistake;
    },
    error: (error) => heard.push(error),
  });
  await settled();
  transport.last.send(1, 2);
  await settled();
  assert.deepEqual(heard, [mistake]);
  assert.deepEqual(kept, []);
  assert.equal(transport.last.isOpen, false);
});

test("a transport that completes ends the subscription after all events that it sent", async () => {
  const transport = new Transport();
  const observer = notes();
  follow(transport, { query: DOCUMENT }).subscribe(observer);
  await settled();
  transport.last.send(1, 2);
  transport.last.sink.complete();
  await settled();
  assert.deepEqual(observer.heard, ["c1", "c2", "complete"]);
});

test("an aborted signal ends an iteration, pending or not, and stops the calls of an observer", async () => {
  const transport = new Transport();
  const stop = new AbortController();
  const following = follow(transport, { query: DOCUMENT, signal: stop.signal });
  const observer = notes();
  following.subscribe(observer);
  const waiting = items(following).next();
  await settled();
  stop.abort();
  assert.deepEqual(await waiting, { done: true, value: undefined });
  await settled();
  assert.deepEqual(observer.heard, []);
  assert.deepEqual(
    transport.opened.map(({ isOpen }) => isOpen),
    [false, false],
  );
  transport.last.send(1);
  assert.deepEqual(await items(following).next(), { done: true, value: undefined });
  assert.equal(transport.opened.length, 2);
});

test("an aborted signal drops buffered events, and onCursor has the cursor of the last processed one", async () => {
  const transport = new Transport();
  const stop = new AbortController();
  const kept = [];
  const onCursor = (cursor) => void kept.push(cursor);
  const all = items(follow(transport, { query: DOCUMENT, signal: stop.signal, onCursor }));
  const first = all.next();
  transport.last.send(1, 3);
  await first;
  stop.abort();
  assert.deepEqual(await all.next(), { done: true, value: undefined });
  assert.deepEqual(kept, ["c1"]);
});

test("an observer receives no call after unsubscribe, also for events that were received before", async () => {
  const transport = new Transport();
  const observer = notes();
  const subscription = follow(transport, { query: DOCUMENT }).subscribe(observer);
  await settled();
  transport.last.send(1, 2);
  subscription.unsubscribe();
  transport.last.sink.error(new Error("late"));
  await settled();
  assert.deepEqual(observer.heard, []);
  assert.equal(transport.last.isOpen, false);
});

test("return() ends a pending iteration", async () => {
  const transport = new Transport();
  const all = items(follow(transport, { query: DOCUMENT }));
  const waiting = all.next();
  await settled();
  await all.return();
  assert.deepEqual(await waiting, { done: true, value: undefined });
  assert.equal(transport.last.isOpen, false);
});

test("an item has the errors of its fields", async () => {
  const transport = new Transport();
  const first = items(follow(transport, { query: DOCUMENT })).next();
  const errors = [{ message: "TIMEOUT", path: ["messageAdded", "ticket"], extensions: { code: "TIMEOUT" } }];
  transport.last.sink.next({ ...event(1), errors });
  assert.deepEqual((await first).value, { ...event(1), errors, cursor: "c1" });
});

test("a syntax tree and a document without the cursor variable are refused", () => {
  const ask = (query, options) => () => follow(new Transport(), { query, ...options });
  assert.throws(ask({ kind: "Document" }), { name: "TypeError", message: /print/ });
  assert.throws(ask("subscription { changes { changeCursor } }"), { name: "TypeError", message: /\$after/ });
  assert.throws(ask("subscription ($afterwards: X) { a }"), { name: "TypeError" });
  assert.throws(ask(DOCUMENT, { cursorVariable: "from" }), { name: "TypeError", message: /\$from/ });
  assert.throws(ask(DOCUMENT, { bufferSize: 0 }), { name: "TypeError", message: /bufferSize/ });
});
