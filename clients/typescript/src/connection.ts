// One subscription from start to end, with the buffer of events that the consumer has not taken.

import { NoCursor } from "./failure.js";
import type { Request } from "./request.js";
import type { Item, Result, Transport } from "./transport.js";

/** Reason for the end of a subscription. */
export type End =
  | { readonly end: "complete" }
  | { readonly end: "failed"; readonly cause: unknown }
  /** Ended by the client, to continue in another subscription. */
  | { readonly end: "interrupted" };

export class Connection<Data> {
  readonly #request: Request<Data>;
  /** Cursor of the last event that was received, whether the consumer has taken it or not. */
  #last: string | null;
  /** Cursor of the first event that was received. */
  #first: string | null = null;
  #queue: Item<Data>[] = [];
  #end: End | undefined;
  #wake = () => {};
  #unsubscribe = () => {};

  constructor(transport: Transport, request: Request<Data>, after: string | null) {
    this.#request = request;
    this.#last = after;
    const payload = { ...request.payload, variables: this.#variables() };
    try {
      const unsubscribe = transport.subscribe(payload, {
        next: (result) => this.#hear(result),
        error: (cause) => this.#finish({ end: "failed", cause }),
        complete: () => this.#finish({ end: "complete" }),
      });
      if (this.#end) unsubscribe();
      else this.#unsubscribe = unsubscribe;
    } catch (cause) {
      this.#finish({ end: "failed", cause });
    }
  }

  /** Returns the next event, or the end after the last event. */
  async next(): Promise<Item<Data> | End> {
    for (;;) {
      const next = this.#queue.shift() ?? this.#end;
      if (next) return next;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Ends the subscription and drops the buffered events. */
  close(): void {
    this.#finish({ end: "interrupted" });
    this.#queue = [];
  }

  // A transport that reconnects by itself sends the same payload object again. The getter returns the last cursor each time the
  // payload is serialized, so the transport never sends an old one.
  #variables(): Record<string, unknown> {
    const get = () => this.#last ?? undefined;
    const variables = { ...this.#request.variables };
    return Object.defineProperty(variables, this.#request.cursorVariable, { get, enumerable: true });
  }

  #hear(result: Result): void {
    if (this.#end) return;
    const { data, errors } = result;
    let cursor;
    try {
      cursor = data === null || data === undefined ? undefined : this.#request.getCursor(data as Data);
    } catch (cause) {
      return this.#finish({ end: "failed", cause: new NoCursor(cause) });
    }
    if (typeof cursor !== "string") {
      return this.#finish({ end: "failed", cause: errors?.length ? errors : new NoCursor() });
    }
    // The transport reconnected with a copy of the first variables and repeats events.
    if (cursor === this.#first) return this.#finish({ end: "interrupted" });
    this.#first ??= cursor;
    this.#last = cursor;
    this.#queue.push({ ...result, data, cursor } as Item<Data>);
    if (this.#queue.length >= this.#request.bufferSize) this.#finish({ end: "interrupted" });
    this.#wake();
  }

  #finish(end: End): void {
    if (this.#end) return;
    this.#end = end;
    this.#unsubscribe();
    this.#wake();
  }
}
