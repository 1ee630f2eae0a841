// Connections that are dead without anybody having been told: a laptop that slept, a network that changed.

/** How long a connection may say nothing. */
export interface Silence {
  /**
   * In milliseconds. Default: 60 000 for a socket, of which Deskgraph asks for a sign of life every 25 seconds, and 30 000 for an
   * event stream, in which it gives one every 12.
   */
  readonly silenceMs?: number;
}

/** What is used of a client of graphql-ws. */
export interface WatchedSocket {
  on(event: "connecting" | "message" | "closed", listener: () => void): () => void;
  terminate(): void;
}

const SOCKET_SILENCE_MS = 60_000;
const STREAM_SILENCE_MS = 30_000;

/**
 * Ends the socket of a graphql-ws client when nothing comes for too long, also while it is being opened. Its subscriptions fail
 * with close code 4499, and whoever follows one connects again.
 *
 * @returns stops watching
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
 * A `fetch` for graphql-sse, as its `fetchFn`: an answer fails when nothing comes for too long, be it the head or a part of an
 * event stream. Time in which nobody reads does not count.
 */
export function liveFetch({ silenceMs = STREAM_SILENCE_MS }: Silence = {}, fetch = globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    const silence = new AbortController();
    const abort = () => silence.abort(init?.signal?.reason);
    init?.signal?.addEventListener("abort", abort, { signal: silence.signal });
    if (init?.signal?.aborted) abort();
    const within = async <T>(promise: Promise<T>): Promise<T> => {
      const silent = () => silence.abort(new TypeError(`Nothing came for ${silenceMs} ms.`));
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
