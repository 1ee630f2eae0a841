// graphql-ws and graphql-sse, on the way through a scene's proxy.

import { createClient as createStreams } from "graphql-sse";
import { createClient as createSockets } from "graphql-ws";

/** A client of graphql-ws. */
export function sockets(t, { proxy, node }, options) {
  const connectionParams = () => ({ Authorization: `Bearer ${node.token}` });
  const client = createSockets({ url: proxy.socketUrl, connectionParams, retryAttempts: 0, ...options });
  t.after(() => client.dispose());
  return client;
}

/** A client of graphql-sse. */
export function streams(t, { proxy, node }, options) {
  const headers = () => ({ Authorization: `Bearer ${node.token}` });
  const client = createStreams({ url: proxy.url, headers, retryAttempts: 0, ...options });
  t.after(() => client.dispose());
  return client;
}

/** Short pauses, for servers that come back at once. */
export const RETRY = { initialDelayMs: 10, maxDelayMs: 100 };
