// Waiting for something to come about, without guessing how long it takes.

/** Values that come one by one, and can be waited for. */
export class Heard {
  values = [];
  #waiting = [];

  push(value) {
    this.values.push(value);
    this.#waiting = this.#waiting.filter(({ enough, resolve }) => !enough(this.values) || resolve());
  }

  /** Until the values fulfil a condition. */
  async until(enough) {
    if (!enough(this.values)) await new Promise((resolve) => this.#waiting.push({ enough, resolve }));
    return this.values;
  }
}
