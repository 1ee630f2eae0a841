import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, Observable } from "@apollo/client";
import { follow } from "@deskgraph/follow";
import { OperationTypeNode, print } from "graphql";

/** @param {{ uri: string, socket: import("graphql-ws").Client }} options */
export function createApolloClient({ uri, socket }) {
  const followLink = new ApolloLink(
    ({ query, variables, operationName }) =>
      new Observable((observer) => follow(socket, { query: print(query), variables, operationName }).subscribe(observer)),
  );
  const http = new HttpLink({ uri });
  return new ApolloClient({
    link: ApolloLink.split((operation) => operation.operationType === OperationTypeNode.SUBSCRIPTION, followLink, http),
    cache: new InMemoryCache(),
  });
}
