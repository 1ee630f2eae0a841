/**
 * Follows a subscription of Deskgraph across lost connections. Returns every event once and in order, from the last cursor on.
 *
 * @module
 */

export { follow, type Following } from "./follow.js";
export { CursorExpiredError, FollowError } from "./failure.js";
export { endSilence, liveFetch, type Silence, type WatchedSocket } from "./alive.js";
export type { FollowOptions, Observer, Retry, RetrySettings, Settings, Subscription, TypedQuery } from "./options.js";
export type { Item, Payload, Result, ServerError, Transport, TransportSink } from "./transport.js";
