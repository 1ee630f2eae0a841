// A transport whose responses the test sets.

export const DOCUMENT = "subscription ($after: ChangeCursor) { messageAdded(after: $after) { body changeCursor } }";

/** Returns a response with an event whose cursor is its number. */
export const event = (number) => ({ data: { messageAdded: { body: `message ${number}`, changeCursor: `c${number}` } } });

/** Returns GraphQL errors with a code. */
export const refusal = (code, cursor) => [{ message: `${code}.`, extensions: { code, ...(cursor && { changeCursor: cursor }) } }];

/** One subscription on the side of the server. */
class Subscribed {
  isOpen = true;

  constructor(payload, sink) {
    this.payload = payload;
    this.sink = sink;
    this.connect();
  }

  /** Serializes the payload, like a transport that connects. */
  connect() {
    this.sent = JSON.parse(JSON.stringify(this.payload));
  }

  /** Sends the events with the numbers `from` to `to`. */
  send(from, to = from) {
    for (let number = from; number <= to; number++) this.sink.next(event(number));
  }
}

export class Transport {
  /** All subscriptions of this transport. */
  opened = [];

  /** The last subscription. */
  get last() {
    return this.opened.at(-1);
  }

  /** The cursors of all subscriptions, in order. */
  get after() {
    return this.opened.map(({ sent }) => sent.variables.after);
  }

  subscribe(payload, sink) {
    const subscribed = new Subscribed(payload, sink);
    this.opened.push(subscribed);
    return () => (subscribed.isOpen = false);
  }
}

/** Waits until all pending promises are settled. */
export async function settled() {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Advances the mocked time and runs the timers that are due. */
export async function pass(t, milliseconds) {
  await settled();
  t.mock.timers.tick(milliseconds);
  await settled();
}

/** Mocks time and randomness: each pause is half of its maximum. */
export function fakeTime(t) {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  t.mock.method(Math, "random", () => 0.5);
}

/** Returns an observer that records its calls. */
export function notes() {
  const heard = [];
  return {
    heard,
    next: ({ cursor }) => void heard.push(cursor),
    error: (error) => void heard.push(error),
    complete: () => void heard.push("complete"),
  };
}
