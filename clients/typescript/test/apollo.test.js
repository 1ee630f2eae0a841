// Apollo Client with the link of the README.

import assert from "node:assert/strict";
import { test } from "node:test";
import { gql } from "@apollo/client";
import { FollowError } from "@deskgraph/follow";
import { createApolloClient } from "../examples/apollo.js";
import { sockets } from "./support/clients.js";
import { DOCUMENT, Heard, Scene } from "./support/node.js";

test("Apollo Client receives every message once and in order", async (t) => {
  const scene = await Scene.set(t);
  const client = createApolloClient({ uri: scene.node.url, socket: sockets(t, scene) });
  const heard = new Heard();
  const subscription = client
    .subscribe({ query: gql(DOCUMENT), variables: { after: scene.start } })
    .subscribe(({ data, error }) => heard.push(error ?? data.messageAdded.body));
  await scene.endure(heard);
  subscription.unsubscribe();
});

test("Apollo Client receives the error that ended the subscription", async (t) => {
  const scene = await Scene.set(t);
  const client = createApolloClient({ uri: scene.node.url, socket: sockets(t, scene) });
  const heard = new Heard();
  client.subscribe({ query: gql(DOCUMENT), variables: { after: "no cursor" } }).subscribe(({ error }) => heard.push(error));
  const [error] = await heard.until((all) => all.length === 1);
  assert.ok(error instanceof FollowError);
  assert.equal(error.code, "BAD_USER_INPUT");
});
