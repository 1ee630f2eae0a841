// Code that the compiler must accept or refuse. It is not run.

import { endSilence, follow, type Following, type Item, type Transport, type TypedQuery } from "@deskgraph/follow";
import type { Client as EventStreams } from "graphql-sse";
import type { Client as Sockets } from "graphql-ws";

declare const sockets: Sockets;
declare const streams: EventStreams;
declare const transport: Transport;

follow(sockets, { query: "" });
follow(streams, { query: "" });
endSilence(sockets);

interface Message {
  messageAdded: { body: string; changeCursor: string };
}
interface OfTicket {
  ticketId: string;
  after?: string | null;
}

// Explicit types.
const given: Following<Message> = follow<Message, OfTicket>(transport, { query: "", variables: { ticketId: "tkt_1" } });
given.subscribe({ next: (item: Item<Message>) => void item.data.messageAdded.body.length });

// Types of the document, as code generators write them.
declare const typed: TypedQuery<Message, OfTicket>;
declare class TypedDocumentString<Result, Variables> extends String {
  __apiType?: (variables: Variables) => Result;
}
declare const generated: TypedDocumentString<Message, OfTicket>;
for (const query of [typed, generated]) {
  const inferred: Following<Message> = follow(transport, { query, variables: { ticketId: "tkt_1" } });
  void inferred;
  follow(transport, { query, variables: { ticketId: "tkt_1" }, getCursor: (data) => data.messageAdded.changeCursor });
  // @ts-expect-error: the document needs a ticket
  follow(transport, { query });
  // @ts-expect-error: its id is a string
  follow(transport, { query, variables: { ticketId: 1 } });
}

// A syntax tree must be converted to a string.
declare const tree: { kind: "Document"; definitions: unknown[]; __apiType?: (variables: OfTicket) => Message };
// @ts-expect-error: kind
follow(transport, { query: tree, variables: { ticketId: "tkt_1" } });

// Without types, data is unknown by field.
follow(transport, { query: "" }).subscribe({
  next({ data, cursor }) {
    const root: unknown = data["messageAdded"];
    const text: string = cursor;
    return void [root, text];
  },
});

// Callbacks can be synchronous or asynchronous.
follow(transport, { query: "", onCursor: () => {}, onExpired: () => null, onUnauthenticated: () => true });
follow(transport, { query: "", onCursor: async () => {}, onExpired: async () => "c", onUnauthenticated: async () => false });
