// Detection of connections that are dead without an error, for example after a laptop slept or a network changed.

/** The time after which a silent connection counts as dead. */
export interface Silence {
  /**
   * Time without data, in milliseconds. Default: 60 000 for a WebSocket, on which Deskgraph sends a ping every 25 seconds, and
   * 30 000 for an event stream, on which Deskgraph sends a comment every 12 seconds.
   */
  readonly silenceMs?: number;
}

/** The methods of a graphql-ws client that `endSilence` uses. */
export interface WatchedSocket {
  on(event: "connecting" | "message" | "closed", listener: () => void): () => void;
  terminate(): void;
}

const SOCKET_SILENCE_MS = 60_000;
const STREAM_SILENCE_MS = 30_000;

/**
 * Closes the WebSocket of a graphql-ws client when no data is received for `silenceMs`, also while the connection is being
 * opened. The subscriptions of the client fail with close code 4499, and `follow()` reconnects.
 *
 * @returns a function that stops the watch
 */
export function endSilence(client: WatchedSocket, { silenceMs = SOCKET_SILENCE_MS }: Silence = {}): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const disarm = () => clearTimeout(timer);
  const arm = () => {
    disarm();
    timer = setTimeout(() => client.terminate(), silenceMs);
  };
  const listening = [client.on("connecting", arm), client.on("message", arm), client.on("closed", disarm)];
  return () => {
    disarm();
    for (const unlisten of listening) unlisten();
  };
}

/**
 * Returns a `fetch` for the option `fetchFn` of graphql-sse. A response fails when no data is received for `silenceMs`, either
 * before its headers or in an event stream. Only time in which a read is pending counts.
 */
export function liveFetch({ silenceMs = STREAM_SILENCE_MS }: Silence = {}, fetch = globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    const silence = new AbortController();
    const abort = () => silence.abort(init?.signal?.reason);
    init?.signal?.addEventListener("abort", abort, { signal: silence.signal });
    if (init?.signal?.aborted) abort();
    const within = async <T>(promise: Promise<T>): Promise<T> => {
      const silent = () => silence.abort(new TypeError(`No data was received for ${silenceMs} ms.`));
      const timer = setTimeout(silent, silenceMs);
      try {
        return await promise;
      } finally {
        clearTimeout(timer);
      }
    };
    const response = await within(fetch(input, { ...init, signal: silence.signal }));
    const { body, status, statusText, headers } = response;
    if (!body || !headers.get("content-type")?.startsWith("text/event-stream")) return response;
    const reader = body.getReader();
    const source: UnderlyingDefaultSource = {
      async pull(stream) {
        const { done, value } = await within(reader.read());
        if (done) stream.close();
        else stream.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    };
    const parts = new ReadableStream(source, { highWaterMark: 0 });
    return new Response(parts, { status, statusText, headers });
  };
}
