// A transport whose every word the test decides.

export const DOCUMENT = "subscription ($after: ChangeCursor) { messageAdded(after: $after) { body cursor } }";

/** An answer with an event, whose cursor is its number. */
export const event = (number) => ({ data: { messageAdded: { body: `message ${number}`, cursor: `c${number}` } } });

/** Errors of GraphQL. */
export const refusal = (code, cursor) => [{ message: `${code}.`, extensions: { code, ...(cursor && { cursor }) } }];

/** One subscription, as the server sees it. */
class Subscribed {
  isOpen = true;

  constructor(payload, sink) {
    this.payload = payload;
    this.sink = sink;
    this.connect();
  }

  /** Writes the payload, as a transport does whenever it connects. */
  connect() {
    this.sent = JSON.parse(JSON.stringify(this.payload));
  }

  /** Sends events, numbered from one to the other. */
  send(from, to = from) {
    for (let number = from; number <= to; number++) this.sink.next(event(number));
  }
}

export class Transport {
  /** The subscriptions so far. */
  opened = [];

  /** The newest. */
  get last() {
    return this.opened.at(-1);
  }

  /** The cursors with which it was subscribed, one after the other. */
  get after() {
    return this.opened.map(({ sent }) => sent.variables.after);
  }

  subscribe(payload, sink) {
    const subscribed = new Subscribed(payload, sink);
    this.opened.push(subscribed);
    return () => (subscribed.isOpen = false);
  }
}

/** Until nothing is left to do but to wait for time or for the transport. */
export async function settled() {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Lets time pass; what is due happens. */
export async function pass(t, milliseconds) {
  await settled();
  t.mock.timers.tick(milliseconds);
  await settled();
}

/** Time and chance of the test: pauses are half of what they may be. */
export function fakeTime(t) {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  t.mock.method(Math, "random", () => 0.5);
}

/** An observer that notes what it hears. */
export function notes() {
  const heard = [];
  return {
    heard,
    next: ({ cursor }) => void heard.push(cursor),
    error: (error) => void heard.push(error),
    complete: () => void heard.push("complete"),
  };
}
