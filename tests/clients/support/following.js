// The code that a client needs for a subscription without losses.

/**
 * Follows `messageAdded` from a cursor on, over several connections if necessary, until `stop()` is called.
 *
 * After a lost connection, graphql-ws subscribes again with the same payload object. A getter returns the last received
 * cursor instead of the first one.
 *
 * @param {import("graphql-ws").Client} client
 * @param {string} query with `$after`, selecting `changeCursor`
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
            after = data.messageAdded.changeCursor;
            onMessage(data.messageAdded);
          } else if (errors[0].extensions.code === "SLOW_CONSUMER") {
            after = errors[0].extensions.changeCursor;
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
