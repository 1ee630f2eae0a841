// What follows a failure: the end, or another try from somewhere.

import { until, wait, type Backoff } from "./backoff.js";
import { CursorExpiredError, FollowError, isPassing, isUnauthenticated, type Told } from "./failure.js";
import type { Settings } from "./options.js";

/**
 * Waits until it is time to try again, and says where to go on.
 *
 * @throws {FollowError} when it is not worth trying again
 */
export async function recover<Data>(
  told: Told,
  cursor: string | null,
  settings: Settings<Data>,
  backoff: Backoff,
  signal: AbortSignal,
): Promise<string | null> {
  const { error, from } = await judge(told, cursor, settings, signal);
  if (signal.aborted) return cursor;
  const retry = from === undefined ? undefined : backoff.fail();
  if (from === undefined || !retry) throw error;
  settings.onRetry?.({ error, ...retry });
  await wait(retry.delayMs, signal);
  return from;
}

/** Where to go on; undefined when it is not worth trying again. */
async function judge<Data>(
  told: Told,
  cursor: string | null,
  settings: Settings<Data>,
  signal: AbortSignal,
): Promise<{ error: FollowError; from: string | null | undefined }> {
  if (told.code === "CURSOR_EXPIRED" && told.resume !== undefined) {
    const error = new CursorExpiredError(told, cursor, told.resume);
    return { error, from: (await until(settings.onExpired?.(error), signal)) ?? undefined };
  }
  const error = new FollowError(told, cursor);
  const standard = isUnauthenticated(told)
    ? (await until(settings.onUnauthenticated?.(error), signal)) === true
    : isPassing(told);
  const isWorthIt = settings.shouldRetry?.(error, standard) ?? standard;
  return { error, from: isWorthIt ? (told.resume ?? cursor) : undefined };
}
