// Detection of silent connections.

import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { endSilence, liveFetch } from "@deskgraph/follow";
import { pass } from "./support/transport.js";

class Socket {
  #emitter = new EventEmitter();
  terminated = 0;

  on(event, listener) {
    this.#emitter.on(event, listener);
    return () => this.#emitter.off(event, listener);
  }

  tell(event) {
    this.#emitter.emit(event);
  }

  terminate() {
    this.terminated++;
    this.tell("closed");
  }
}

const fakeTime = (t) => t.mock.timers.enable({ apis: ["setTimeout"] });

test("a WebSocket without data for a minute is terminated unless it is closed", (t) => {
  fakeTime(t);
  const socket = new Socket();
  endSilence(socket);
  t.mock.timers.tick(120_000);
  assert.equal(socket.terminated, 0);
  socket.tell("connecting");
  for (let n = 0; n < 3; n++) {
    t.mock.timers.tick(59_999);
    assert.equal(socket.terminated, 0);
    socket.tell("message");
  }
  t.mock.timers.tick(60_000);
  assert.equal(socket.terminated, 1);
  t.mock.timers.tick(60_000);
  assert.equal(socket.terminated, 1);
  socket.tell("connecting");
  t.mock.timers.tick(60_000);
  assert.equal(socket.terminated, 2);
});

test("a WebSocket is not terminated after the watch has stopped", (t) => {
  fakeTime(t);
  const socket = new Socket();
  const stop = endSilence(socket, { silenceMs: 10 });
  socket.tell("connecting");
  stop();
  socket.tell("message");
  t.mock.timers.tick(1000);
  assert.equal(socket.terminated, 0);
});

// A server whose responses the test sets.
class Server {
  constructor(type = "text/event-stream; charset=utf-8") {
    const body = new ReadableStream({ start: (stream) => void (this.stream = stream) });
    this.response = new Response(body, { status: 203, headers: { "content-type": type, "x-test": "1" } });
  }

  fetch = async (_, { signal }) => {
    signal.throwIfAborted();
    signal.addEventListener("abort", () => this.stream.error(signal.reason));
    return this.response;
  };

  say(text) {
    this.stream.enqueue(new TextEncoder().encode(text));
  }
}

test("an event stream fails when a read is pending for 30 seconds without data", async (t) => {
  fakeTime(t);
  const server = new Server();
  const response = await liveFetch({}, server.fetch)("http://test", {});
  assert.equal(response.status, 203);
  assert.equal(response.headers.get("x-test"), "1");
  const reader = response.body.getReader();
  for (const text of ["one", "two", "three"]) {
    const read = reader.read();
    await pass(t, 29_999);
    server.say(text);
    assert.equal(new TextDecoder().decode((await read).value), text);
  }
  const rejected = assert.rejects(reader.read(), { name: "TypeError", message: "No data was received for 30000 ms." });
  await pass(t, 30_000);
  await rejected;
});

test("data that arrives without a pending read is returned by a later read", async (t) => {
  fakeTime(t);
  const server = new Server();
  const response = await liveFetch({}, server.fetch)("http://test", {});
  const reader = response.body.getReader();
  await pass(t, 60_000);
  server.say("one");
  server.say("two");
  await pass(t, 60_000);
  assert.equal(new TextDecoder().decode((await reader.read()).value), "one");
  server.stream.close();
  assert.equal(new TextDecoder().decode((await reader.read()).value), "two");
  assert.equal((await reader.read()).done, true);
});

test("a request fails when no headers are received", async (t) => {
  fakeTime(t);
  const never = (_, { signal }) =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  const rejected = assert.rejects(liveFetch({ silenceMs: 10 }, never)("http://test"), { message: "No data was received for 10 ms." });
  t.mock.timers.tick(10);
  await rejected;
});

test("a signal aborts a request before and after its headers are received", async () => {
  const reason = new Error("enough");
  await assert.rejects(liveFetch({}, new Server().fetch)("http://test", { signal: AbortSignal.abort(reason) }), reason);
  const stop = new AbortController();
  const response = await liveFetch({}, new Server().fetch)("http://test", { signal: stop.signal });
  const rejected = assert.rejects(response.body.getReader().read(), reason);
  stop.abort(reason);
  await rejected;
});

test("a response that is not an event stream is returned unchanged", async () => {
  const server = new Server("application/json");
  assert.equal(await liveFetch({}, server.fetch)("http://test"), server.response);
});
