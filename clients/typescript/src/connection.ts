// One subscription, from its beginning to its end, with the events that wait for their consumer.

import { NoCursor } from "./failure.js";
import type { Request } from "./request.js";
import type { Item, Result, Transport } from "./transport.js";

/** Why a subscription ended. */
export type End =
  | { readonly end: "complete" }
  | { readonly end: "failed"; readonly cause: unknown }
  /** By this side, to go on in another one. */
  | { readonly end: "interrupted" };

export class Connection<Data> {
  readonly #request: Request<Data>;
  /** Of the event that came last, taken or not. */
  #last: string | null;
  /** Of the event that came first. */
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

  /** The next event, or the end when there are no more. */
  async next(): Promise<Item<Data> | End> {
    for (;;) {
      const next = this.#queue.shift() ?? this.#end;
      if (next) return next;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Ends it; what waits is dropped. */
  close(): void {
    this.#finish({ end: "interrupted" });
    this.#queue = [];
  }

  // A transport that connects again by itself writes the payload that it was given. These say the last cursor whenever they are
  // written, and not the first for ever.
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
    // The transport has kept a copy of the first variables, connected again with it, and begins to repeat.
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
