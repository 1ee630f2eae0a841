// Types of requests, responses and clients that graphql-ws and graphql-sse share.

/** The request of a subscription. */
export interface Payload {
  readonly query: string;
  readonly variables: Record<string, unknown>;
  readonly operationName?: string;
  readonly extensions?: Record<string, unknown>;
}

/** A GraphQL error. Branch on `extensions.code`; the wording of `message` can change. */
export interface ServerError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: { readonly [name: string]: unknown };
}

/** One response of a subscription. Its errors are `ServerError`s. */
export interface Result {
  readonly data?: unknown;
  readonly errors?: readonly unknown[] | undefined;
}

/** Receives the responses of a subscription. */
export interface TransportSink {
  next(result: Result): void;
  error(error: unknown): void;
  complete(): void;
}

/**
 * A client that sends subscriptions: a `Client` of graphql-ws or graphql-sse, or any object with the same method.
 *
 * The client must serialize `payload` as JSON each time it subscribes, because `variables` contains the last cursor at that
 * time. Both libraries do so, also when they reconnect by themselves.
 */
export interface Transport {
  /** Subscribes. Returns a function that ends the subscription. */
  subscribe(payload: Payload, sink: TransportSink): () => void;
}

/** An event of the subscription. */
export interface Item<Data> {
  /** Data of the response, with the root field of the subscription. */
  data: Data;
  /** Position of the event in the change log. A subscription with this cursor in `after` returns all later events. */
  cursor: string;
  /** Errors of single fields. The field in `path` is null in `data`; all other fields are valid. */
  errors?: ServerError[];
}
