// Documents by hash, as automatic persisted queries and as trusted documents: Apollo's link
// (https://www.apollographql.com/docs/apollo-server/performance/apq) and urql's exchange
// (https://nearform.com/open-source/urql/docs/advanced/persistence-and-uploads/).

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ApolloClient, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { CombinedGraphQLErrors } from "@apollo/client/errors";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { Client, fetchExchange, gql as urqlGql, stringifyDocument } from "@urql/core";
import { persistedExchange } from "@urql/exchange-persisted";
import { print } from "graphql";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { Deskgraph } from "./support/deskgraph.js";

const sha256 = (text) => createHash("sha256").update(text).digest("hex");
const kind = (name) => `query ${name} { viewer { kind } }`;

// The document as the client prints it. Apollo's cache adds __typename.
const cache = new InMemoryCache();
const asSent = (document) => print(cache.transformDocument(document));
const TRUSTED = gql(kind("Trusted"));
const TRUSTED_SUBSCRIPTION = gql("subscription Trusted($after: ChangeCursor) { messageAdded(after: $after) { id body } }");
const TRUSTED_BY_URQL = urqlGql(kind("TrustedByUrql"));

let open, strict, folder;
before(async () => {
  open = await Deskgraph.start();
  folder = await mkdtemp(join(tmpdir(), "deskgraph-documents-"));
  const documents = [asSent(TRUSTED), asSent(TRUSTED_SUBSCRIPTION), stringifyDocument(TRUSTED_BY_URQL)];
  const operations = documents.map((body) => ({ id: sha256(body), name: "Trusted", type: "query", body }));
  const manifest = { format: "apollo-persisted-query-manifest", version: 1, operations };
  await writeFile(join(folder, "documents.json"), JSON.stringify(manifest));
  strict = await Deskgraph.start({
    DESKGRAPH_TRUSTED_DOCUMENTS: join(folder, "documents.json"),
    DESKGRAPH_EXPLORER: "false",
  });
  // The setup uses documents that are not trusted, so the mode is enabled after it.
  await strict.again({ DESKGRAPH_TRUSTED_DOCUMENTS_ONLY: "true", DESKGRAPH_INTROSPECTION: "false" });
});
after(async () => {
  await open?.remove();
  await strict?.remove();
  await rm(folder, { recursive: true, force: true });
});

// Forwards requests, and records the method and whether a document was sent.
function noted(sent) {
  return (url, init) => {
    const { searchParams } = new URL(url);
    const query = init.body ? JSON.parse(init.body).query : searchParams.get("query");
    sent.push(`${init.method ?? "GET"} ${query ? "document" : "hash"}`);
    return fetch(url, init);
  };
}

function apollo(node, options = {}) {
  const sent = [];
  const headers = { authorization: `Bearer ${node.token}` };
  const link = new PersistedQueryLink({ sha256, ...options }).concat(
    new HttpLink({ uri: node.url, headers, fetch: noted(sent) }),
  );
  return { client: new ApolloClient({ link, cache: new InMemoryCache() }), sent };
}

function urql(node, options = {}) {
  const sent = [];
  const client = new Client({
    url: node.url,
    preferGetMethod: false,
    exchanges: [persistedExchange({ generateHash: async (text) => sha256(text), ...options }), fetchExchange],
    fetchOptions: { headers: { authorization: `Bearer ${node.token}` } },
    fetch: noted(sent),
  });
  return { client, sent };
}

const fresh = { fetchPolicy: "network-only" };

test("Apollo sends a document once, and then its hash", async () => {
  const query = gql(kind("ByApollo"));
  const first = apollo(open);
  for (let n = 0; n < 2; n += 1) {
    const { data } = await first.client.query({ query, ...fresh });
    assert.equal(data.viewer.kind, "AGENT");
  }
  assert.deepEqual(first.sent, ["POST hash", "POST document", "POST hash"]);
  const second = apollo(open, { useGETForHashedQueries: true });
  assert.equal((await second.client.query({ query })).data.viewer.kind, "AGENT");
  assert.deepEqual(second.sent, ["GET hash"]);
});

test("Apollo stops sending hashes to a node that stores no documents", async () => {
  const node = await Deskgraph.start({ DESKGRAPH_PERSISTED_DOCUMENTS_BYTES_MAX: "0" });
  try {
    const { client, sent } = apollo(node);
    for (const name of ["One", "Two"]) {
      const { data } = await client.query({ query: gql(kind(name)), ...fresh });
      assert.equal(data.viewer.kind, "AGENT");
    }
    assert.deepEqual(sent, ["POST hash", "POST document", "POST document"]);
  } finally {
    await node.remove();
  }
});

test("urql sends a document once, and then its hash, also over GET", async () => {
  const query = urqlGql(kind("ByUrql"));
  const first = urql(open, { preferGetForPersistedQueries: false });
  for (let n = 0; n < 2; n += 1) {
    const { data, error } = await first.client.query(query, {}, { requestPolicy: "network-only" });
    assert.equal(error, undefined);
    assert.equal(data.viewer.kind, "AGENT");
  }
  assert.deepEqual(first.sent, ["POST hash", "POST document", "POST hash"]);
  const second = urql(open, { preferGetForPersistedQueries: true });
  assert.equal((await second.client.query(query, {})).data.viewer.kind, "AGENT");
  assert.deepEqual(second.sent, ["GET hash"]);
});

test("a client sends the document again after a restart of the node", async () => {
  const query = gql(kind("Again"));
  const { client, sent } = apollo(open);
  await client.query({ query, ...fresh });
  await open.again();
  const { data } = await client.query({ query, ...fresh });
  assert.equal(data.viewer.kind, "AGENT");
  assert.deepEqual(sent, ["POST hash", "POST document", "POST hash", "POST document"]);
});

test("in strict mode, Apollo and urql run only trusted documents, by their hash", async () => {
  const one = apollo(strict);
  assert.equal((await one.client.query({ query: TRUSTED })).data.viewer.kind, "AGENT");
  assert.deepEqual(one.sent, ["POST hash"]);
  const other = urql(strict, { preferGetForPersistedQueries: false });
  assert.equal((await other.client.query(TRUSTED_BY_URQL, {})).data.viewer.kind, "AGENT");
  assert.deepEqual(other.sent, ["POST hash"]);
  await assert.rejects(one.client.query({ query: gql(kind("Stranger")), ...fresh }), (error) => {
    assert.ok(CombinedGraphQLErrors.is(error), error);
    assert.equal(error.errors[0].extensions.code, "DOCUMENT_NOT_TRUSTED");
    return true;
  });
  const { error } = await other.client.query(urqlGql(kind("Stranger")), {});
  assert.equal(error.graphQLErrors[0].extensions.code, "DOCUMENT_NOT_TRUSTED");
});

test("in strict mode, a subscription on a socket starts by its hash", async () => {
  const socket = createClient({
    url: strict.socketUrl,
    webSocketImpl: WebSocket,
    connectionParams: { Authorization: `Bearer ${strict.token}` },
  });
  try {
    const body = asSent(TRUSTED_SUBSCRIPTION);
    const extensions = { persistedQuery: { version: 1, sha256Hash: sha256(body) } };
    const refused = socket.iterate({ query: "subscription { messageAdded { id } }" });
    await assert.rejects(refused.next(), ([error]) => error.extensions.code === "DOCUMENT_NOT_TRUSTED");
    // The client requires a query, even if it is empty.
    const answers = socket.iterate({ query: "", extensions, variables: { after: "rubbish" } });
    // The document runs, because the error is about its variable.
    await assert.rejects(answers.next(), ([error]) => error.extensions.code === "BAD_USER_INPUT");
  } finally {
    await socket.dispose();
  }
});
