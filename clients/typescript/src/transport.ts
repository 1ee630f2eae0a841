// What goes over the wire, and what carries it: the forms that graphql-ws and graphql-sse share.

/** What a subscription is asked with. */
export interface Payload {
  readonly query: string;
  readonly variables: Record<string, unknown>;
  readonly operationName?: string;
  readonly extensions?: Record<string, unknown>;
}

/** An error as GraphQL answers it. Decide by `extensions.code`, never by `message`. */
export interface ServerError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: { readonly [name: string]: unknown };
}

/** One answer to a subscription. Its errors are `ServerError`s. */
export interface Result {
  readonly data?: unknown;
  readonly errors?: readonly unknown[] | undefined;
}

/** Who hears the answers. */
export interface TransportSink {
  next(result: Result): void;
  error(error: unknown): void;
  complete(): void;
}

/**
 * What carries subscriptions: a `Client` of graphql-ws or of graphql-sse, or whatever has the same method.
 *
 * It must write `payload` as JSON each time it subscribes: `variables` says the last cursor then. Both libraries do,
 * also when they connect again by themselves.
 */
export interface Transport {
  /** Subscribes; what it returns ends the subscription. */
  subscribe(payload: Payload, sink: TransportSink): () => void;
}

/** An event that was followed. */
export interface Item<Data> {
  /** The answer, with the one root field that was subscribed to. */
  data: Data;
  /** The event's place in the change log: whoever goes on from here gets everything behind it. */
  cursor: string;
  /** What could not be answered: the field in `path` is null in `data`, and the rest is good. */
  errors?: ServerError[];
}
