// Decision after a failure: end, or retry from a cursor.

import { until, wait, type Backoff } from "./backoff.js";
import { CursorExpiredError, FollowError, isPassing, isUnauthenticated, type Told } from "./failure.js";
import type { Settings } from "./options.js";

/**
 * Waits for the pause before a retry and returns the cursor to continue from.
 *
 * @throws {FollowError} when a retry cannot succeed
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

/** Returns the error and the cursor to continue from; undefined when a retry cannot succeed. */
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
