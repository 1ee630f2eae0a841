// What follow() may be told.

import type { CursorExpiredError, FollowError } from "./failure.js";

/**
 * A document that knows its types, in the form that code generators give to documents that are text
 * (`TypedDocumentString`). A document that is a syntax tree must be printed first: `print(document)`.
 */
export interface TypedQuery<Data, Variables> {
  toString(): string;
  readonly kind?: never;
  readonly __apiType?: (variables: Variables) => Data;
}

/** How to come back after a failure. */
export interface RetrySettings {
  /** Upper bound of the first pause, in milliseconds. Default: 1000. */
  readonly initialDelayMs?: number;
  /** Upper bound of every pause, in milliseconds. Default: 30 000. */
  readonly maxDelayMs?: number;
  /**
   * How many times in a row to try again. An event ends the row, and so does a subscription that was held for longer than
   * `maxDelayMs`. Default: `Infinity`.
   */
  readonly maxAttempts?: number;
}

/** A failure after which it will be tried again. */
export interface Retry {
  readonly error: FollowError;
  /** 1 for the first in a row. */
  readonly attempt: number;
  /** The pause before the next try: a random part of `min(maxDelayMs, initialDelayMs * 2 ** (attempt - 1))`. */
  readonly delayMs: number;
}

/** Everything but the document and its variables. */
export interface Settings<Data> {
  readonly operationName?: string | undefined;
  readonly extensions?: Record<string, unknown> | undefined;
  /**
   * Where to begin: the cursor of the last event that was dealt with. Goes before the one in `variables`. Without any, it begins
   * now, and what happens while the connection is lost before the first event is not heard.
   */
  readonly after?: string | null | undefined;
  /** The variable that carries the cursor. The document must declare it. Default: `after`. */
  readonly cursorVariable?: string;
  /** Finds the cursor of an event. Default: `cursor` of the root field, whatever its alias. */
  readonly getCursor?: (data: Data) => string | null | undefined;
  /** Ends it. The iteration is done then, and an observer hears nothing more. */
  readonly signal?: AbortSignal | undefined;
  /** Events that may wait for the consumer. When there are more, it unsubscribes until they are taken. Default: 1024. */
  readonly bufferSize?: number;
  readonly retry?: RetrySettings;
  /**
   * An event was dealt with. Keep its cursor, and give it as `after` next time. A promise is waited for before the next event; a
   * failure ends the following.
   */
  readonly onCursor?: (cursor: string) => void | Promise<void>;
  /**
   * Events were lost: what lies behind `error.cursor` is no longer kept, or the server was restored to a state before it. Read the
   * present state, and answer where to go on, which is `error.earliest`, or nothing to end with the error. Default: ends. Called when everything before was taken.
   */
  readonly onExpired?: (error: CursorExpiredError) => MaybePromise<string | null | undefined>;
  /**
   * The credential was refused (close code 4403, HTTP 401, `UNAUTHENTICATED`). Get a new one for the transport, and answer
   * true to try again. Default: ends.
   */
  readonly onUnauthenticated?: (error: FollowError) => MaybePromise<boolean>;
  /** Decides whether to try again, where `standard` is what would be done without it. Not asked about `CURSOR_EXPIRED`. */
  readonly shouldRetry?: (error: FollowError, standard: boolean) => boolean;
  /** It will be tried again: for logs, or to show that the connection is lost. */
  readonly onRetry?: (retry: Retry) => void;
}

export type MaybePromise<T> = T | Promise<T>;

/** What to follow, and how. */
export type FollowOptions<Data, Variables> = Settings<Data> & {
  /** A subscription with one root field that declares `$after` and selects `cursor`. */
  readonly query: string | TypedQuery<Data, Variables>;
} & ({} extends Variables ? { readonly variables?: Variables | undefined } : { readonly variables: Variables });

/** Hears what is followed. */
export interface Observer<T> {
  /**
   * An event. It counts as dealt with when this has returned, or when the promise is fulfilled; the next one waits for that.
   * What it throws ends the following, and is told to `error`.
   */
  next?(item: T): void | Promise<void>;
  /** The end, by a failure. */
  error?(error: unknown): void;
  /** The end, because the transport was disposed of or the server has no more. */
  complete?(): void;
}

/** What `subscribe` gives. */
export interface Subscription {
  /** Ends it; nothing is heard from then on. */
  unsubscribe(): void;
}

