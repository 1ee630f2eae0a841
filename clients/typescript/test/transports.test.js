// Tests with the real libraries and the real binary.

import assert from "node:assert/strict";
import { test } from "node:test";
import { endSilence, follow, liveFetch } from "@deskgraph/follow";
import { RETRY, sockets, streams } from "./support/clients.js";
import { DOCUMENT, Heard, Scene } from "./support/node.js";

const observer = (heard) => ({
  next: ({ data }) => heard.push(data.messageAdded.body),
  error: (error) => heard.push(error),
  complete: () => heard.push("complete"),
});

const noWait = async () => {};
for (const [name, connect, options] of [
  ["graphql-ws", sockets],
  ["graphql-ws that connects again by itself", sockets, { retryAttempts: Infinity, retryWait: noWait, shouldRetry: () => true }],
  ["graphql-sse", streams],
  ["graphql-sse that connects again by itself", streams, { retryAttempts: Infinity, retry: noWait }],
]) {
  test(`over ${name}, every message is received once and in order`, async (t) => {
    const scene = await Scene.set(t);
    const heard = new Heard();
    const kept = [];
    const onCursor = (cursor) => void kept.push(cursor);
    const following = follow(connect(t, scene, options), { query: DOCUMENT, after: scene.start, retry: RETRY, onCursor });
    const subscription = following.subscribe(observer(heard));
    await scene.endure(heard);
    subscription.unsubscribe();
    const written = (await scene.node.messages(scene.ticket)).map(({ changeCursor }) => changeCursor);
    assert.deepEqual(kept, written.slice(written.indexOf(scene.start) + 1));
  });
}

for (const [name, connect] of [
  ["graphql-ws", sockets],
  ["graphql-sse", streams],
]) {
  test(`over ${name}, a full buffer loses no event`, async (t) => {
    const scene = await Scene.set(t);
    for (let n = 0; n < 10; n++) await scene.write(`before ${n}`);
    const heard = new Heard();
    const client = connect(t, scene);
    const subscribe = t.mock.method(client, "subscribe");
    for await (const { data } of follow(client, { query: DOCUMENT, after: scene.start, bufferSize: 1 })) {
      heard.push(data.messageAdded.body);
      if (heard.values.length === 5) for (let n = 0; n < 10; n++) await scene.write(`meanwhile ${n}`);
      if (heard.values.length === 20) break;
    }
    await scene.assertWhole(heard);
    assert.equal(subscribe.mock.callCount(), 20);
  });

  test(`over ${name}, a malformed cursor ends the subscription`, async (t) => {
    const scene = await Scene.set(t);
    const all = follow(connect(t, scene), { query: DOCUMENT, after: "no cursor" })[Symbol.asyncIterator]();
    await assert.rejects(all.next(), (error) => {
      assert.deepEqual([error.name, error.code, error.errors.length], ["FollowError", "BAD_USER_INPUT", 1]);
      return true;
    });
  });

  test(`over ${name}, a refused credential ends the subscription or is replaced`, async (t) => {
    const scene = await Scene.set(t);
    const { token } = scene.node;
    const client = connect(t, scene);
    const code = name === "graphql-ws" ? 4403 : 401;
    scene.node.token = "wrong";
    const refused = follow(client, { query: DOCUMENT, after: scene.start })[Symbol.asyncIterator]();
    await assert.rejects(refused.next(), { name: "FollowError", code });
    const onUnauthenticated = (error) => {
      assert.equal(error.code, code);
      scene.node.token = token;
      return true;
    };
    const options = { query: DOCUMENT, after: scene.start, retry: RETRY, onUnauthenticated };
    const replaced = follow(client, options)[Symbol.asyncIterator]();
    const next = replaced.next();
    // The scene writes with the same token, directly to the node.
    while (scene.node.token === "wrong") await new Promise(setImmediate);
    await scene.write("heard");
    assert.equal((await next).value.data.messageAdded.body, "heard");
    await replaced.return();
  });
}

const SILENCE = { silenceMs: 300 };
for (const [name, connect] of [
  [
    "graphql-ws",
    (t, scene) => {
      const client = sockets(t, scene, { keepAlive: 50 });
      t.after(endSilence(client, SILENCE));
      return client;
    },
  ],
  ["graphql-sse", (t, scene) => streams(t, scene, { fetchFn: liveFetch(SILENCE) })],
]) {
  test(`over ${name}, a dead connection is detected and replaced`, async (t) => {
    const scene = await Scene.set(t);
    const heard = new Heard();
    const retries = [];
    const onRetry = ({ error }) => retries.push(error.message);
    const options = { query: DOCUMENT, after: scene.start, retry: RETRY, onRetry };
    const subscription = follow(connect(t, scene), options).subscribe(observer(heard));
    await scene.write("before");
    await heard.until((all) => all.length === 1);
    scene.proxy.freeze();
    await scene.write("while it is frozen");
    await heard.until((all) => all.length === 2);
    subscription.unsubscribe();
    await scene.assertWhole(heard);
    assert.match(retries[0], name === "graphql-ws" ? /4499/ : /No data was received for 300 ms/);
  });
}

for (const [name, connect] of [
  ["graphql-ws", sockets],
  ["graphql-sse", streams],
]) {
  test(`over ${name}, the client continues from the last event that a restored server still has`, async (t) => {
    const scene = await Scene.set(t);
    await scene.node.backUp("backup.db");
    const heard = new Heard();
    const told = [];
    const onExpired = ({ cursor, earliest }) => {
      told.push({ cursor, earliest });
      return earliest;
    };
    const client = connect(t, scene);
    const subscription = follow(client, { query: DOCUMENT, after: scene.start, retry: RETRY, onExpired }).subscribe(observer(heard));
    const lost = await scene.write("lost");
    await heard.until((all) => all.at(-1) === "lost");
    await scene.node.restore("backup.db");
    // The new history is longer than the lost one.
    for (const body of ["new 1", "new 2", "new 3"]) await scene.write(body);
    await heard.until((all) => all.at(-1) === "new 3");
    subscription.unsubscribe();
    assert.deepEqual(heard.values, ["lost", "new 1", "new 2", "new 3"]);
    assert.deepEqual(told, [{ cursor: lost, earliest: scene.start }]);
  });
}
