// Retry pauses that grow, and waiting that a signal ends.

import type { RetrySettings } from "./options.js";

const INITIAL_DELAY_MS = 1_000;
const MAX_DELAY_MS = 30_000;

/** Counts the failures since the last success. */
export class Backoff {
  readonly #initialDelayMs: number;
  readonly #maxDelayMs: number;
  readonly #maxAttempts: number;
  #attempt = 0;
  #begun = Date.now();

  constructor({ initialDelayMs = INITIAL_DELAY_MS, maxDelayMs = MAX_DELAY_MS, maxAttempts = Infinity }: RetrySettings = {}) {
    this.#initialDelayMs = initialDelayMs;
    this.#maxDelayMs = maxDelayMs;
    this.#maxAttempts = maxAttempts;
  }

  /** Records the start of a subscription. */
  begin(): void {
    this.#begun = Date.now();
  }

  /** Records that an event was received. */
  succeed(): void {
    this.#attempt = 0;
  }

  /** Records a failure. Returns the number of the attempt and the pause before the next one; undefined after the last attempt. */
  fail(): { attempt: number; delayMs: number } | undefined {
    if (Date.now() - this.#begun > this.#maxDelayMs) this.#attempt = 0;
    const attempt = ++this.#attempt;
    if (attempt > this.#maxAttempts) return undefined;
    // Random pauses spread the clients that reconnect after a node has failed.
    const most = Math.min(this.#maxDelayMs, this.#initialDelayMs * 2 ** (attempt - 1));
    return { attempt, delayMs: Math.random() * most };
  }
}

/** Waits for `delayMs`, or until the signal is aborted. */
export async function wait(delayMs: number, signal: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  await until(new Promise<void>((resolve) => (timer = setTimeout(resolve, delayMs))), signal);
  clearTimeout(timer);
}

/** Returns the value of a promise, or undefined when the signal is aborted first. */
export async function until<T>(promise: T | Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) return undefined;
  let stop = () => {};
  const stopped = new Promise<undefined>((resolve) => (stop = () => resolve(undefined)));
  signal.addEventListener("abort", stop);
  try {
    return await Promise.race([promise, stopped]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
