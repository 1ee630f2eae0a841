import { endSilence, follow } from "@deskgraph/follow";
import { createClient } from "graphql-ws";

const MESSAGES = `subscription Messages($after: ChangeCursor) {
  messageAdded(after: $after) { body customer { displayName } changeCursor }
}`;

/**
 * @typedef {{ messageAdded: { body: string, customer: { displayName: string }, changeCursor: string } }} Messages
 * @param {{ url: string, getToken: () => string, after?: string, print: (line: string) => void }} options
 */
export async function printMessages({ url, getToken, after, print }) {
  const socket = createClient({
    url, // ws://127.0.0.1:8000/graphql
    connectionParams: () => ({ Authorization: `Bearer ${getToken()}` }),
    retryAttempts: 0, // follow() handles reconnects
  });
  endSilence(socket); // detects a dead connection

  /** @type {import("@deskgraph/follow").Following<Messages>} */
  const messages = follow(socket, { query: MESSAGES, after });
  for await (const { data } of messages) {
    const { body, customer } = data.messageAdded;
    print(`${customer.displayName}: ${body}`);
    if (body === "Goodbye") break; // leaving the loop unsubscribes
  }
  await socket.dispose();
}
