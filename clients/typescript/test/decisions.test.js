// Failures that callbacks of the app handle: lost events and a refused credential.

import assert from "node:assert/strict";
import { test } from "node:test";
import { CursorExpiredError, FollowError, follow } from "@deskgraph/follow";
import { DOCUMENT, fakeTime, notes, pass, refusal, settled, Transport } from "./support/transport.js";

async function begin(t, options) {
  fakeTime(t);
  const transport = new Transport();
  const observer = notes();
  const subscription = follow(transport, { query: DOCUMENT, after: "c0", ...options }).subscribe(observer);
  await settled();
  return { transport, heard: observer.heard, subscription };
}

test("lost events end the subscription with an error that has the earliest cursor", async (t) => {
  const { transport, heard } = await begin(t);
  transport.last.sink.error(refusal("CURSOR_EXPIRED", "c40"));
  await settled();
  const [error] = heard;
  assert.ok(error instanceof CursorExpiredError && error instanceof FollowError);
  assert.equal(error.name, "CursorExpiredError");
  assert.deepEqual([error.code, error.cursor, error.earliest], ["CURSOR_EXPIRED", "c0", "c40"]);
});

test("onExpired continues from the earliest cursor after the consumer has taken all earlier events", async (t) => {
  const told = [];
  let answer;
  const { transport, heard } = await begin(t, {
    onExpired: (error) => {
      told.push([...heard, error.cursor, error.earliest]);
      return new Promise((resolve) => (answer = resolve));
    },
    // shouldRetry is not called for CURSOR_EXPIRED.
    shouldRetry: ({ code }) => code !== "CURSOR_EXPIRED",
  });
  transport.last.send(1);
  transport.last.sink.next({ errors: refusal("CURSOR_EXPIRED", "c40") });
  await settled();
  assert.deepEqual(told, [["c1", "c1", "c40"]]);
  assert.equal(transport.opened.length, 1);
  answer("c40");
  await settled();
  await pass(t, 500);
  // The same loss is not reported again when the next connection fails before an event.
  transport.last.sink.error(new Error("lost"));
  await settled();
  await pass(t, 1000);
  assert.deepEqual(transport.after, ["c0", "c40", "c40"]);
  assert.equal(told.length, 1);
});

test("the subscription ends when onExpired returns nothing or fails", async (t) => {
  for (const [answer, isExpected] of [
    [() => undefined, (error) => error instanceof CursorExpiredError],
    [() => null, (error) => error instanceof CursorExpiredError],
    [() => Promise.reject(new Error("cannot read")), (error) => error.message === "cannot read"],
  ]) {
    const transport = new Transport();
    const observer = notes();
    follow(transport, { query: DOCUMENT, onExpired: answer }).subscribe(observer);
    await settled();
    transport.last.sink.error(refusal("CURSOR_EXPIRED", "c40"));
    await settled();
    assert.equal(observer.heard.length, 1);
    assert.ok(isExpected(observer.heard[0]), observer.heard[0]);
  }
});

for (const [name, cause] of [
  ["close code 4403", { code: 4403, reason: "Forbidden" }],
  ["HTTP 401", Object.assign(new Error("Unauthorized"), { response: { status: 401 } })],
  ["UNAUTHENTICATED", refusal("UNAUTHENTICATED")],
]) {
  test(`${name}: the client retries when onUnauthenticated returns true`, async (t) => {
    const answers = [true, false];
    const asked = [];
    const { transport, heard } = await begin(t, {
      onUnauthenticated: async ({ code, cursor }) => {
        asked.push([code, cursor]);
        return answers.shift();
      },
    });
    transport.last.send(1);
    transport.last.sink.error(cause);
    await settled();
    await pass(t, 500);
    assert.deepEqual(transport.after, ["c0", "c1"]);
    transport.last.sink.error(cause);
    await settled();
    assert.equal(transport.opened.length, 2);
    assert.equal(asked.length, 2);
    assert.deepEqual(asked[0], [heard[1].code, "c1"]);
    assert.equal(heard[1].cause, cause);
  });
}

test("a subscription can be ended while a callback is pending", async (t) => {
  const { transport, heard, subscription } = await begin(t, { onUnauthenticated: () => new Promise(() => {}) });
  const other = follow(transport, { query: DOCUMENT, onExpired: () => new Promise(() => {}) })[Symbol.asyncIterator]();
  const waiting = other.next();
  transport.opened[0].sink.error({ code: 4403, reason: "" });
  transport.opened[1].sink.error(refusal("CURSOR_EXPIRED", "c40"));
  await settled();
  subscription.unsubscribe();
  await other.return();
  assert.deepEqual(await waiting, { done: true, value: undefined });
  await settled();
  assert.deepEqual(heard, []);
});
