// urql: https://nearform.com/open-source/urql

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { cacheExchange, Client, fetchExchange, gql, subscriptionExchange } from "@urql/core";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { Deskgraph } from "./support/deskgraph.js";
import { Heard } from "./support/until.js";

const TICKET = gql`
  query Ticket($id: ID!) {
    ticket(id: $id) {
      id
      priority
      tags
    }
  }
`;

let node;
before(async () => (node = await Deskgraph.start()));
after(() => node.remove());

// Returns a client, and the method of each request that it sends.
function connect(token = node.token, exchanges = []) {
  const sent = [];
  const client = new Client({
    url: node.url,
    exchanges: [cacheExchange, fetchExchange, ...exchanges],
    fetchOptions: { headers: { authorization: `Bearer ${token}` } },
    fetch: (url, init) => {
      sent.push(init.method);
      return fetch(url, init);
    },
  });
  return { client, sent };
}

test("a query uses GET, and the cache the second time", async () => {
  const { client, sent } = connect();
  const { id } = await node.ticket();
  const first = await client.query(TICKET, { id });
  assert.equal(first.error, undefined);
  assert.equal(first.data.ticket.id, id);
  const second = await client.query(TICKET, { id });
  assert.deepEqual(second.data, first.data);
  assert.deepEqual(sent, ["GET"]);
});

test("a mutation refreshes the query results that urql shows", async () => {
  const { client, sent } = connect();
  const { id } = await node.ticket();
  const shown = new Heard();
  const watch = client.query(TICKET, { id }).subscribe(({ data }) => shown.push(data.ticket.tags));
  await shown.until((all) => all.length === 1);
  const update = gql`
    mutation ($id: ID!, $tags: [String!]!) {
      ticketUpdate(id: $id, input: { tags: $tags }) {
        ticket {
          id
        }
        userErrors {
          code
        }
      }
    }
  `;
  const { data, error } = await client.mutation(update, { id, tags: ["from-urql"] });
  assert.equal(error, undefined);
  assert.deepEqual(data.ticketUpdate.userErrors, []);
  await shown.until((all) => all.at(-1)[0] === "from-urql");
  assert.deepEqual(sent, ["GET", "POST", "GET"]);
  watch.unsubscribe();
});

test("a subscription receives messages", async () => {
  const socket = createClient({
    url: node.socketUrl,
    webSocketImpl: WebSocket,
    connectionParams: { Authorization: `Bearer ${node.token}` },
  });
  const forwardSubscription = ({ query, variables, extensions }) => ({
    subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables, extensions }, sink) }),
  });
  const { client } = connect(node.token, [subscriptionExchange({ forwardSubscription })]);
  const { id } = await node.ticket();
  const start = await node.add(id, "before");
  const heard = new Heard();
  const watch = "subscription ($after: ChangeCursor) { messageAdded(after: $after) { id body } }";
  const subscription = client
    .subscription(watch, { after: start })
    .subscribe(({ data }) => heard.push(data.messageAdded.body));
  await node.add(id, "one");
  await node.add(id, "two");
  assert.deepEqual(await heard.until((all) => all.length === 2), ["one", "two"]);
  subscription.unsubscribe();
  await socket.dispose();
});

test("errors have codes", async () => {
  const { client } = connect();
  const mistaken = await client.query(TICKET, { id: "garbage" });
  assert.equal(mistaken.error.graphQLErrors[0].extensions.code, "BAD_USER_INPUT");
  const { id } = await node.ticket();
  const refused = await connect("wrong").client.query(TICKET, { id });
  assert.equal(refused.error.response.status, 401);
  assert.equal(refused.error.graphQLErrors[0].extensions.code, "UNAUTHENTICATED");
});
