import { follow, liveFetch } from "@deskgraph/follow";
import { createClient } from "graphql-sse";

const TICKETS = `subscription Tickets($workspaceId: ID, $after: ChangeCursor) {
  ticketChanged(workspaceId: $workspaceId, after: $after) { name ticket { subject status } changeCursor }
}`;

/**
 * @param {{ url: string, getToken: () => string, workspaceId: string, after: string, signal: AbortSignal,
 *   print: (line: string) => void }} options
 */
export async function printTickets({ url, getToken, workspaceId, after, signal, print }) {
  const stream = createClient({
    url, // http://127.0.0.1:8000/graphql
    headers: () => ({ Authorization: `Bearer ${getToken()}` }),
    retryAttempts: 0, // follow() handles reconnects
    fetchFn: liveFetch(), // detects a dead connection
  });
  const variables = { workspaceId };
  for await (const { data } of follow(stream, { query: TICKETS, variables, after, signal })) {
    print(JSON.stringify(data.ticketChanged));
  }
  // The loop ends when the signal is aborted.
}
