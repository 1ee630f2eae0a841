import { follow } from "@deskgraph/follow";
import { cacheExchange, Client, fetchExchange, subscriptionExchange } from "@urql/core";

/** @param {{ url: string, socket: import("graphql-ws").Client }} options */
export function createUrqlClient({ url, socket }) {
  const forwardSubscription = subscriptionExchange({
    forwardSubscription: ({ query = "", variables, operationName }) => follow(socket, { query, variables, operationName }),
  });
  return new Client({ url, exchanges: [cacheExchange, fetchExchange, forwardSubscription] });
}
