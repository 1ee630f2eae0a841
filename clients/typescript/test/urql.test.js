// urql with the exchange of the README.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FollowError } from "@deskgraph/follow";
import { createUrqlClient } from "../examples/urql.js";
import { sockets } from "./support/clients.js";
import { DOCUMENT, Heard, Scene } from "./support/node.js";

test("urql receives every message once and in order", async (t) => {
  const scene = await Scene.set(t);
  const client = createUrqlClient({ url: scene.node.url, socket: sockets(t, scene) });
  const heard = new Heard();
  const subscription = client
    .subscription(DOCUMENT, { after: scene.start })
    .subscribe(({ data, error }) => heard.push(error ?? data.messageAdded.body));
  await scene.endure(heard);
  subscription.unsubscribe();
});

test("urql receives the error that ended the subscription", async (t) => {
  const scene = await Scene.set(t);
  const client = createUrqlClient({ url: scene.node.url, socket: sockets(t, scene) });
  const heard = new Heard();
  client.subscription(DOCUMENT, { after: "no cursor" }).subscribe(({ error }) => heard.push(error.networkError));
  const [error] = await heard.until((all) => all.length === 1);
  assert.ok(error instanceof FollowError);
  assert.equal(error.code, "BAD_USER_INPUT");
});
