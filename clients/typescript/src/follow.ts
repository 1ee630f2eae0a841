// A sequence of subscriptions, each from the last cursor of the previous one.

import { Backoff } from "./backoff.js";
import { Connection } from "./connection.js";
import { read } from "./failure.js";
import type { FollowOptions, Observer, Settings, Subscription } from "./options.js";
import { recover } from "./recover.js";
import { prepare, type Request } from "./request.js";
import type { Item, Transport } from "./transport.js";

/**
 * The events of a subscription. No request is sent before iteration starts or `subscribe` is called. Each iteration and each call
 * of `subscribe` starts again from `after`.
 */
export interface Following<Data> extends AsyncIterable<Item<Data>> {
  /**
   * Iterates over the events. An event counts as processed when the next one is requested. Leaving the loop with `break`, `return`
   * or an error ends the subscription without a call of `onCursor` for the last event.
   *
   * @throws {FollowError} when a retry cannot succeed
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Item<Data>>;
  /** Passes the events to an observer, like an Observable of Apollo Client, urql or RxJS. */
  subscribe(observer: Observer<Item<Data>>): Subscription;
}

/**
 * Follows a subscription of Deskgraph across any number of connections. Returns every event once and in order.
 *
 * @param transport a client of graphql-ws or graphql-sse, with any retry settings
 * @throws {TypeError} when the document is not a string or does not declare the variable for the cursor
 */
export function follow<Data = Record<string, unknown>, Variables = object>(
  transport: Transport,
  options: FollowOptions<Data, Variables>,
): Following<Data> {
  const request = prepare(options);
  const iterate = () => {
    const stop = new AbortController();
    const items = run(transport, request, options, stop);
    return {
      next: () => items.next(),
      return: () => {
        stop.abort();
        return items.return(undefined);
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  };
  return {
    [Symbol.asyncIterator]: iterate,
    subscribe(observer) {
      const items = iterate();
      let isHeard = true;
      void tell(items, observer, () => isHeard && options.signal?.aborted !== true);
      return {
        unsubscribe() {
          isHeard = false;
          void items.return();
        },
      };
    },
  };
}

async function* run<Data>(
  transport: Transport,
  request: Request<Data>,
  settings: Settings<Data>,
  stop: AbortController,
): AsyncGenerator<Item<Data>, undefined> {
  const backoff = new Backoff(settings.retry);
  const abort = () => stop.abort();
  settings.signal?.addEventListener("abort", abort, { signal: stop.signal });
  if (settings.signal?.aborted) abort();
  let cursor = request.after;
  try {
    while (!stop.signal.aborted) {
      backoff.begin();
      const connection = new Connection(transport, request, cursor);
      const close = () => connection.close();
      stop.signal.addEventListener("abort", close, { once: true });
      let next;
      try {
        while (!("end" in (next = await connection.next()))) {
          backoff.succeed();
          yield next;
          cursor = next.cursor;
          await settings.onCursor?.(cursor);
        }
      } finally {
        stop.signal.removeEventListener("abort", close);
        connection.close();
      }
      if (next.end === "complete") return;
      if (next.end === "failed") cursor = await recover(read(next.cause), cursor, settings, backoff, stop.signal);
    }
  } finally {
    stop.abort();
  }
}

async function tell<Data>(
  items: AsyncIterableIterator<Item<Data>>,
  observer: Observer<Item<Data>>,
  isHeard: () => boolean,
): Promise<void> {
  try {
    for await (const item of items) {
      if (!isHeard()) return;
      await observer.next?.(item);
    }
  } catch (error) {
    if (!isHeard()) return;
    // Without an error callback, the platform reports the unhandled rejection.
    if (!observer.error) throw error;
    return observer.error(error);
  }
  if (isHeard()) observer.complete?.();
}
