// Apollo Client: https://www.apollographql.com/docs/react

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { CombinedGraphQLErrors, ServerError } from "@apollo/client/errors";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { relayStylePagination } from "@apollo/client/utilities";
import { OperationTypeNode } from "graphql";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { Deskgraph } from "./support/deskgraph.js";
import { Heard } from "./support/until.js";

const TICKET = gql`
  query Ticket($id: ID!) {
    ticket(id: $id) {
      id
      status
      customer {
        id
        displayName
        openTickets
      }
    }
  }
`;

let node, socket;
before(async () => {
  node = await Deskgraph.start();
  socket = createClient({
    url: node.socketUrl,
    webSocketImpl: WebSocket,
    connectionParams: { Authorization: `Bearer ${node.token}` },
  });
});
after(async () => {
  await socket.dispose();
  await node.remove();
});

// Returns a client, and the operations that it sends over HTTP.
function connect(token = node.token) {
  const sent = [];
  const http = new HttpLink({
    uri: node.url,
    headers: { authorization: `Bearer ${token}` },
    fetch: (url, init) => {
      sent.push(JSON.parse(init.body).operationName);
      return fetch(url, init);
    },
  });
  const isSubscription = ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION;
  const client = new ApolloClient({
    link: ApolloLink.split(isSubscription, new GraphQLWsLink(socket), http),
    cache: new InMemoryCache({
      possibleTypes: { Actor: ["Agent", "ApiKey", "Customer"] },
      typePolicies: { Query: { fields: { tickets: relayStylePagination(["filter", "orderBy"]) } } },
    }),
  });
  return { client, sent };
}

test("a query is answered from the cache the second time", async () => {
  const { client, sent } = connect();
  const { id } = await node.ticket();
  const { data } = await client.query({ query: TICKET, variables: { id } });
  assert.equal(data.ticket.__typename, "Ticket");
  assert.ok(data.ticket.customer.displayName);
  const again = await client.query({ query: TICKET, variables: { id } });
  assert.deepEqual(again.data, data);
  assert.deepEqual(sent, ["Ticket"]);
});

test("the result of a mutation updates shown data without another request", async () => {
  const { client, sent } = connect();
  const { tickets } = await node.ask("{ tickets(first: 1, filter: { status: OPEN }) { nodes { id } } }");
  const { id } = tickets.nodes[0];
  const shown = new Heard();
  const watching = client.watchQuery({ query: TICKET, variables: { id } });
  const watch = watching.subscribe(({ data }) => data && shown.push(data.ticket));
  const [before] = await shown.until((all) => all.length === 1);
  assert.equal(before.status, "OPEN");
  const update = gql`
    mutation Solve($id: ID!) {
      ticketUpdate(id: $id, input: { status: SOLVED }) {
        ticket {
          id
          status
          customer {
            id
            openTickets
          }
        }
        userErrors {
          code
          path
        }
      }
    }
  `;
  const { data } = await client.mutate({ mutation: update, variables: { id } });
  assert.deepEqual(data.ticketUpdate.userErrors, []);
  const solved = (await shown.until((all) => all.at(-1).status === "SOLVED")).at(-1);
  assert.equal(solved.customer.openTickets, before.customer.openTickets - 1);
  assert.equal(solved.customer.displayName, before.customer.displayName);
  assert.deepEqual(sent, ["Ticket", "Solve"]);
  watch.unsubscribe();
});

test("a user error of a mutation is in its payload", async () => {
  const { client } = connect();
  const { id } = await node.ticket();
  const add = gql`
    mutation Add($input: MessageAddInput!) {
      messageAdd(input: $input) {
        message {
          id
        }
        userErrors {
          code
          message
          path
        }
      }
    }
  `;
  const input = { target: { ticketId: id }, body: "", senderEmail: "nobody" };
  const { data, error } = await client.mutate({ mutation: add, variables: { input } });
  assert.equal(error, undefined);
  assert.equal(data.messageAdd.message, null);
  const paths = data.messageAdd.userErrors.map(({ path }) => path.join("."));
  assert.deepEqual(paths.sort(), ["input.body", "input.senderEmail"]);
});

test("a list grows by pages and contains every ticket once", async () => {
  const { client } = connect();
  const list = gql`
    query Tickets($first: Int!, $after: String) {
      tickets(first: $first, after: $after) {
        edges {
          cursor
          node {
            id
            subject
          }
        }
        pageInfo {
          hasNextPage
          hasPreviousPage
          startCursor
          endCursor
        }
        totalCount
      }
    }
  `;
  const shown = new Heard();
  const watching = client.watchQuery({ query: list, variables: { first: 20 } });
  const watch = watching.subscribe(({ data }) => data && shown.push(data.tickets));
  await shown.until((all) => all.length === 1);
  let tickets = shown.values.at(-1);
  assert.equal(tickets.edges.length, 20);
  while (tickets.pageInfo.hasNextPage) {
    const known = tickets.edges.length;
    await watching.fetchMore({ variables: { after: tickets.pageInfo.endCursor } });
    tickets = (await shown.until((all) => all.at(-1).edges.length > known)).at(-1);
  }
  assert.equal(tickets.edges.length, tickets.totalCount);
  assert.equal(new Set(tickets.edges.map((edge) => edge.node.id)).size, tickets.totalCount);
  watch.unsubscribe();
});

test("a subscription receives messages and their senders", async () => {
  const { client } = connect();
  const { id } = await node.ticket();
  const start = await node.add(id, "before");
  const watch = gql`
    subscription Watch($ticketId: ID!, $after: ChangeCursor) {
      messageAdded(ticketId: $ticketId, after: $after) {
        id
        body
        changeCursor
        sender {
          ... on Agent {
            id
            name
          }
          ... on Customer {
            id
            displayName
          }
        }
        ticket {
          id
          messageCount
        }
      }
    }
  `;
  const heard = new Heard();
  const subscription = client
    .subscribe({ query: watch, variables: { ticketId: id, after: start } })
    .subscribe(({ data }) => heard.push(data.messageAdded));
  await node.add(id, "one");
  await node.add(id, "two");
  const messages = await heard.until((all) => all.length === 2);
  assert.deepEqual(
    messages.map(({ body }) => body),
    ["one", "two"],
  );
  assert.equal(messages[1].ticket.id, id);
  subscription.unsubscribe();
});

test("errors have codes", async () => {
  const { client } = connect();
  await assert.rejects(client.query({ query: TICKET, variables: { id: "garbage" } }), (error) => {
    assert.ok(CombinedGraphQLErrors.is(error));
    assert.equal(error.errors[0].extensions.code, "BAD_USER_INPUT");
    return true;
  });
  const stranger = connect("wrong").client;
  const { id } = await node.ticket();
  await assert.rejects(stranger.query({ query: TICKET, variables: { id } }), (error) => {
    assert.ok(CombinedGraphQLErrors.is(error) || ServerError.is(error), error.name);
    assert.match(JSON.stringify(error.errors ?? error.bodyText), /UNAUTHENTICATED/);
    return true;
  });
});
