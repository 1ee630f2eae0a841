// The little that a client adds for a subscription that loses nothing.

/**
 * Follows `messageAdded` from a cursor on, over however many connections, until `stop()` is called.
 *
 * graphql-ws subscribes again by itself after a lost connection, with the payload that it was given. A getter makes
 * that payload say the last cursor that was received instead of the first.
 *
 * @param {import("graphql-ws").Client} client
 * @param {string} query with `$after`, selecting `cursor`
 */
export function follow(client, query, cursor, onMessage) {
  let after = cursor;
  let stop = () => {};
  const payload = {
    query,
    get variables() {
      return { after };
    },
  };
  const ended = new Promise((resolve, reject) => {
    const begin = () => {
      let tooSlow = false;
      stop = client.subscribe(payload, {
        next: ({ data, errors }) => {
          if (data) {
            after = data.messageAdded.cursor;
            onMessage(data.messageAdded);
          } else if (errors[0].extensions.code === "SLOW_CONSUMER") {
            after = errors[0].extensions.cursor;
            tooSlow = true;
          } else {
            reject(new Error(JSON.stringify(errors)));
          }
        },
        error: reject,
        complete: () => (tooSlow ? begin() : resolve()),
      });
    };
    begin();
  });
  return { ended, stop: () => stop() };
}
