// The operations that Deskgraph ships, with their variables.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { Deskgraph } from "./support/deskgraph.js";

const FOLDER = join(import.meta.dirname, "../../operations");
const OPERATIONS = readdirSync(FOLDER, { recursive: true }).filter((name) => name.endsWith(".graphql"));

let node, values;
before(async () => {
  node = await Deskgraph.start();
  const { teamCreate, queueCreate, customerCreate, apiKeyCreate } = await node.ask(`mutation {
    teamCreate(input: { name: "Flights" }) { team { id } }
    queueCreate(input: { name: "Urgent" }) { queue { id } }
    customerCreate(input: { email: "other@example.com" }) { customer { id } }
    apiKeyCreate(input: { name: "Site", grants: [READ] }) { apiKey { id } }
  }`);
  const { viewer, tickets, agents } = await node.ask(`{
    viewer { workspaces { id } }
    tickets(first: 1) { nodes { id customer { id email } conversation { id } messages(first: 1) { nodes { id } } } }
    agents(first: 1) { nodes { id } }
  }`);
  const [ticket] = tickets.nodes;
  values = {
    workspaceId: viewer.workspaces[0].id,
    ticketId: ticket.id,
    customerId: ticket.customer.id,
    customerEmail: ticket.customer.email,
    otherCustomerId: customerCreate.customer.id,
    conversationId: ticket.conversation.id,
    messageId: ticket.messages.nodes[0].id,
    agentId: agents.nodes[0].id,
    teamId: teamCreate.team.id,
    queueId: queueCreate.queue.id,
    apiKeyId: apiKeyCreate.apiKey.id,
  };
});
after(() => node.remove());

for (const name of OPERATIONS.sort()) {
  const read = (name) => readFileSync(join(FOLDER, name), "utf8");
  const query = read(name);

  test(name, async () => {
    const variables = JSON.parse(
      read(name.replace(/graphql$/, "variables.json")).replace(/\{\{(\w+)\}\}/g, (_, key) => {
        assert.ok(values[key], `the explorer does not fill {{${key}}}`);
        return values[key];
      }),
    );
    if (/^subscription/m.test(query)) return hears(query, variables);
    const [answer] = Object.values(await node.ask(query, variables));
    assert.ok(answer);
    assert.deepEqual(answer.userErrors ?? [], []);
    assert.notDeepEqual(answer.nodes ?? answer, [], "the result is empty");
  });
}

async function hears(query, variables) {
  const after = await node.add(values.ticketId, "before");
  const payload = { Authorization: `Bearer ${node.token}` };
  const client = createClient({ url: node.socketUrl, webSocketImpl: WebSocket, connectionParams: payload });
  const next = client.iterate({ query, variables: { ...variables, after } }).next();
  await node.add(values.ticketId, "heard");
  const { ticketId, conversationId, customerId } = values;
  const name = `${Math.random()}`;
  await node.ask(
    `mutation ($ticketId: ID!, $conversationId: ID!, $customerId: ID!, $name: String!) {
      ticketUpdate(id: $ticketId, input: { resolutionType: $name }) { changeCursor }
      conversationUpdate(id: $conversationId, input: { name: $name }) { changeCursor }
      customerUpdate(id: $customerId, input: { company: $name }) { changeCursor }
    }`,
    { ticketId, conversationId, customerId, name },
  );
  const { value } = await next;
  assert.equal(value.errors, undefined);
  const [heard] = Object.values(value.data);
  assert.notEqual(heard.changeCursor, after);
  if (value.data.messageAdded) assert.equal(heard.body, "heard");
  await client.dispose();
}
