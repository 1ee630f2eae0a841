// Clients of graphql-ws and graphql-sse that connect through the proxy of a scene.

import { createClient as createStreams } from "graphql-sse";
import { createClient as createSockets } from "graphql-ws";

/** Creates a graphql-ws client. */
export function sockets(t, { proxy, node }, options) {
  const connectionParams = () => ({ Authorization: `Bearer ${node.token}` });
  const client = createSockets({ url: proxy.socketUrl, connectionParams, retryAttempts: 0, ...options });
  t.after(() => client.dispose());
  return client;
}

/** Creates a graphql-sse client. */
export function streams(t, { proxy, node }, options) {
  const headers = () => ({ Authorization: `Bearer ${node.token}` });
  const client = createStreams({ url: proxy.url, headers, retryAttempts: 0, ...options });
  t.after(() => client.dispose());
  return client;
}

/** Short pauses, for servers that restart immediately. */
export const RETRY = { initialDelayMs: 10, maxDelayMs: 100 };
