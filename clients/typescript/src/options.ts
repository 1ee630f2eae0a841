// Options of follow().

import type { CursorExpiredError, FollowError } from "./failure.js";

/**
 * A document string with types, as code generators write it (`TypedDocumentString`). Convert a syntax tree to a string first:
 * `print(document)`.
 */
export interface TypedQuery<Data, Variables> {
  toString(): string;
  readonly kind?: never;
  readonly __apiType?: (variables: Variables) => Data;
}

/** Settings for retries after a failure. */
export interface RetrySettings {
  /** Maximum of the first pause, in milliseconds. Default: 1000. */
  readonly initialDelayMs?: number;
  /** Maximum of every pause, in milliseconds. Default: 30 000. */
  readonly maxDelayMs?: number;
  /**
   * Maximum number of consecutive retries. An event resets the count, and so does a subscription that lasted longer than
   * `maxDelayMs`. Default: `Infinity`.
   */
  readonly maxAttempts?: number;
}

/** A failure that is followed by a retry. */
export interface Retry {
  readonly error: FollowError;
  /** Number of the consecutive retry, starting with 1. */
  readonly attempt: number;
  /** Pause before the retry, in milliseconds: random between 0 and `min(maxDelayMs, initialDelayMs * 2 ** (attempt - 1))`. */
  readonly delayMs: number;
}

/** All options except the document and its variables. */
export interface Settings<Data> {
  readonly operationName?: string | undefined;
  readonly extensions?: Record<string, unknown> | undefined;
  /**
   * Cursor of the last processed event. The subscription starts after it. Takes precedence over the cursor in `variables`. Without
   * a cursor, the subscription starts with new events, and events during a connection loss before the first event are missed.
   */
  readonly after?: string | null | undefined;
  /** Name of the variable for the cursor. The document must declare it. Default: `after`. */
  readonly cursorVariable?: string;
  /** Returns the cursor of an event. Default: `changeCursor` of the root field, under any name or alias. */
  readonly getCursor?: (data: Data) => string | null | undefined;
  /** Ends the subscription when aborted. The iteration ends, and the observer receives no further call. */
  readonly signal?: AbortSignal | undefined;
  /** Number of events in the buffer at which the client unsubscribes until the consumer has taken them. At least 1. Default: 1024. */
  readonly bufferSize?: number;
  readonly retry?: RetrySettings;
  /**
   * Called after an event was processed. Store the cursor and pass it as `after` at the next start. The next event waits for a
   * returned promise. An error ends the subscription.
   */
  readonly onCursor?: (cursor: string) => void | Promise<void>;
  /**
   * Called when events were lost: events after `error.cursor` are no longer stored, or the server was restored to an earlier state.
   * Read the present state and return the cursor to continue from, usually `error.earliest`. Return nothing to end with the error.
   * Called after the consumer has taken all earlier events. Default: end with the error.
   */
  readonly onExpired?: (error: CursorExpiredError) => MaybePromise<string | null | undefined>;
  /**
   * Called when the credential was refused (close code 4403, HTTP 401, `UNAUTHENTICATED`). Get a new credential for the transport
   * and return true to retry. Default: end with the error.
   */
  readonly onUnauthenticated?: (error: FollowError) => MaybePromise<boolean>;
  /** Returns true to retry. `standard` is the decision without this function. Not called for `CURSOR_EXPIRED`. */
  readonly shouldRetry?: (error: FollowError, standard: boolean) => boolean;
  /** Called before each retry, for logs or to show that the connection is lost. */
  readonly onRetry?: (retry: Retry) => void;
}

export type MaybePromise<T> = T | Promise<T>;

/** The document, its variables and the settings. */
export type FollowOptions<Data, Variables> = Settings<Data> & {
  /** A subscription with one root field that declares `$after` and selects `changeCursor`. */
  readonly query: string | TypedQuery<Data, Variables>;
} & ({} extends Variables ? { readonly variables?: Variables | undefined } : { readonly variables: Variables });

/** Receives the events. */
export interface Observer<T> {
  /**
   * Called with an event. The event counts as processed when this function returns or its promise is fulfilled; the next event
   * waits for that. An error that is thrown here ends the subscription and is passed to `error`.
   */
  next?(item: T): void | Promise<void>;
  /** Called when the subscription ended with a failure. */
  error?(error: unknown): void;
  /** Called when the subscription ended because the transport was disposed or the server completed it. */
  complete?(): void;
}

/** The result of `subscribe`. */
export interface Subscription {
  /** Ends the subscription. The observer receives no further call. */
  unsubscribe(): void;
}

