// Pauses that grow, and waiting that can be called off.

import type { RetrySettings } from "./options.js";

const INITIAL_DELAY_MS = 1_000;
const MAX_DELAY_MS = 30_000;

/** The failures since the last success. */
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

  /** A subscription begins. */
  begin(): void {
    this.#begun = Date.now();
  }

  /** An event came. */
  succeed(): void {
    this.#attempt = 0;
  }

  /** It failed: which attempt that was, and how long to wait; nothing when that was the last. */
  fail(): { attempt: number; delayMs: number } | undefined {
    if (Date.now() - this.#begun > this.#maxDelayMs) this.#attempt = 0;
    const attempt = ++this.#attempt;
    if (attempt > this.#maxAttempts) return undefined;
    // All clients of a node that went down come back at random moments, not all at once.
    const most = Math.min(this.#maxDelayMs, this.#initialDelayMs * 2 ** (attempt - 1));
    return { attempt, delayMs: Math.random() * most };
  }
}

/** Waits; not longer than until the signal. */
export async function wait(delayMs: number, signal: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  await until(new Promise<void>((resolve) => (timer = setTimeout(resolve, delayMs))), signal);
  clearTimeout(timer);
}

/** What a promise gives; undefined when the signal comes first. */
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
