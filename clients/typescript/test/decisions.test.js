// Failures of which the app decides: events that were lost, and a credential that was refused.

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

test("events that were lost end it, with the earliest cursor there is", async (t) => {
  const { transport, heard } = await begin(t);
  transport.last.sink.error(refusal("CURSOR_EXPIRED", "c40"));
  await settled();
  const [error] = heard;
  assert.ok(error instanceof CursorExpiredError && error instanceof FollowError);
  assert.equal(error.name, "CursorExpiredError");
  assert.deepEqual([error.code, error.cursor, error.earliest], ["CURSOR_EXPIRED", "c0", "c40"]);
});

test("the app may go on from the earliest, once it has taken what came before", async (t) => {
  const told = [];
  let answer;
  const { transport, heard } = await begin(t, {
    onExpired: (error) => {
      told.push([...heard, error.cursor, error.earliest]);
      return new Promise((resolve) => (answer = resolve));
    },
    // Not asked of this: it is not about trying again.
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
  // It is not told again of the same loss when the next connection breaks before an event.
  transport.last.sink.error(new Error("lost"));
  await settled();
  await pass(t, 1000);
  assert.deepEqual(transport.after, ["c0", "c40", "c40"]);
  assert.equal(told.length, 1);
});

test("an answer of nothing, or a failure of the app, ends it", async (t) => {
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
  test(`${name}: the app may get another credential, and it is tried again`, async (t) => {
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

test("an app that takes for ever to decide does not keep anybody from ending it", async (t) => {
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
