// Retries: after which failures, after which pause, and from which cursor.

import assert from "node:assert/strict";
import { test } from "node:test";
import { follow } from "@deskgraph/follow";
import { DOCUMENT, fakeTime, notes, pass, refusal, settled, Transport } from "./support/transport.js";

async function begin(t, options) {
  fakeTime(t);
  const transport = new Transport();
  const observer = notes();
  const retries = [];
  const onRetry = ({ error, ...retry }) => retries.push({ code: error.code, ...retry });
  const subscription = follow(transport, { query: DOCUMENT, after: "c0", onRetry, ...options }).subscribe(observer);
  await settled();
  return { transport, heard: observer.heard, retries, subscription };
}

const close = (code, reason = "") => ({ code, reason, wasClean: true });
const http = (status) => Object.assign(new Error(`Server responded with ${status}`), { response: { status } });

for (const [name, cause] of [
  ["a connection that is lost", Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" })],
  ["an event of a browser that says nothing", { type: "error" }],
  ...[1001, 1005, 1006, 1011, 1012, 1013, 4408, 4499, 4500].map((code) => [`close code ${code}`, close(code)]),
  ...[408, 425, 429, 500, 502, 503, 504].map((status) => [`HTTP ${status}`, http(status)]),
  ...["INTERNAL", "TIMEOUT", "GONE", "RATE_LIMITED"].map((code) => [code, refusal(code)]),
]) {
  test(`${name} leads to a retry from the last event`, async (t) => {
    const { transport, heard } = await begin(t);
    transport.last.send(1, 2);
    transport.last.sink.error(cause);
    await settled();
    await pass(t, 500);
    assert.deepEqual(transport.after, ["c0", "c2"]);
    transport.last.send(3);
    await settled();
    assert.deepEqual(heard, ["c1", "c2", "c3"]);
  });
}

for (const [name, cause, code, message] of [
  ...[4400, 4401, 4403, 4406, 4409, 4429].map((code) => [`close code ${code}`, close(code, "No"), code, /closed with \d+: No$/]),
  ...[400, 401, 403, 404, 405, 413, 415].map((status) => [`HTTP ${status}`, http(status), status, /^HTTP \d+: Server/]),
  ...["UNAUTHENTICATED", "FORBIDDEN", "BAD_USER_INPUT", "WORKSPACE_REQUIRED", "QUERY_TOO_DEEP", "CURSOR_EXPIRED"].map((code) => [
    code,
    refusal(code),
    code,
    new RegExp(`^${code}\\.$`),
  ]),
  ["an error without a code", [{ message: "No." }], undefined, /^No\.$/],
]) {
  test(`${name} ends the subscription after the received events`, async (t) => {
    const { transport, heard } = await begin(t);
    transport.last.send(1);
    transport.last.sink.error(cause);
    await settled();
    const [first, error] = heard;
    assert.equal(heard.length, 2);
    assert.equal(first, "c1");
    assert.equal(error.name, "FollowError");
    assert.equal(error.code, code);
    assert.equal(error.cursor, "c1");
    assert.equal(error.cause, cause);
    assert.match(error.message, message);
    assert.deepEqual(error.errors, Array.isArray(cause) ? cause : []);
    await pass(t, 60_000);
    assert.equal(transport.opened.length, 1);
  });
}

for (const code of ["SLOW_CONSUMER", "INTERNAL"]) {
  test(`${code} leads to a retry from the cursor that it names, also when the first retry fails`, async (t) => {
    const { transport, heard } = await begin(t);
    transport.last.send(1);
    transport.last.sink.next({ data: null, errors: refusal(code, "c5") });
    assert.equal(transport.last.isOpen, false);
    transport.last.sink.complete();
    await settled();
    await pass(t, 500);
    transport.last.sink.error(close(1006));
    await settled();
    await pass(t, 1000);
    assert.deepEqual(transport.after, ["c0", "c5", "c5"]);
    assert.deepEqual(heard, ["c1"]);
  });
}

test("an error of the subscribe method leads to a retry", async (t) => {
  fakeTime(t);
  const transport = new Transport();
  const subscribe = t.mock.method(transport, "subscribe");
  subscribe.mock.mockImplementationOnce(() => {
    throw new Error("not yet");
  });
  follow(transport, { query: DOCUMENT }).subscribe({});
  await settled();
  await pass(t, 500);
  assert.equal(transport.opened.length, 1);
});

test("pauses are random, grow to their maximum, and are reset by an event", async (t) => {
  const { transport, retries } = await begin(t, { retry: { initialDelayMs: 100, maxDelayMs: 1000 } });
  for (const delayMs of [50, 100, 200, 400, 500, 500]) {
    transport.last.sink.error(close(1006));
    await settled();
    const opened = transport.opened.length;
    await pass(t, delayMs - 1);
    assert.equal(transport.opened.length, opened);
    await pass(t, 1);
    assert.equal(transport.opened.length, opened + 1);
    assert.deepEqual(retries.at(-1), { code: 1006, attempt: retries.length, delayMs });
  }
  transport.last.send(1);
  transport.last.sink.error(close(1001));
  Math.random.mock.mockImplementation(() => 0.1);
  await settled();
  assert.deepEqual(retries.at(-1), { code: 1001, attempt: 1, delayMs: 10 });
});

test("a long subscription without events resets the pauses", async (t) => {
  const { transport, retries } = await begin(t, { retry: { initialDelayMs: 100, maxDelayMs: 1000 } });
  for (const held of [0, 1000, 1001]) {
    await pass(t, held);
    transport.last.sink.error(close(1006));
    await settled();
    await pass(t, 1000);
  }
  assert.deepEqual(
    retries.map(({ attempt }) => attempt),
    [1, 2, 1],
  );
});

test("maxAttempts limits the number of consecutive retries", async (t) => {
  const { transport, heard, retries } = await begin(t, { retry: { maxAttempts: 2 } });
  for (let failure = 0; failure < 3; failure++) {
    transport.last.sink.error(http(503));
    await settled();
    await pass(t, 30_000);
  }
  assert.equal(transport.opened.length, 3);
  assert.equal(retries.length, 2);
  assert.deepEqual(
    heard.map(({ code, cursor }) => [code, cursor]),
    [[503, "c0"]],
  );
});

test("the client does not reconnect after unsubscribe during a pause", async (t) => {
  const { transport, heard, subscription } = await begin(t);
  transport.last.sink.error(close(1006));
  await settled();
  subscription.unsubscribe();
  await settled();
  await pass(t, 60_000);
  assert.equal(transport.opened.length, 1);
  assert.deepEqual(heard, []);
});

test("shouldRetry overrides the standard decision and receives it", async (t) => {
  const asked = [];
  const shouldRetry = ({ code }, standard) => {
    asked.push([code, standard]);
    return code === 404;
  };
  const { transport, heard } = await begin(t, { shouldRetry });
  transport.last.sink.error(http(404));
  await settled();
  await pass(t, 500);
  transport.last.sink.error(http(503));
  await settled();
  assert.deepEqual(asked, [
    [404, false],
    [503, true],
  ]);
  assert.equal(transport.opened.length, 2);
  assert.equal(heard[0].code, 503);
});
