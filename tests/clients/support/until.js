// Waits for conditions without fixed delays.

/** A list of values with a method to wait for a condition. */
export class Heard {
  values = [];
  #waiting = [];

  push(value) {
    this.values.push(value);
    this.#waiting = this.#waiting.filter(({ enough, resolve }) => !enough(this.values) || resolve());
  }

  /** Waits until the values fulfil a condition. */
  async until(enough) {
    if (!enough(this.values)) await new Promise((resolve) => this.#waiting.push({ enough, resolve }));
    return this.values;
  }
}
