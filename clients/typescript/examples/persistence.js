import { follow } from "@deskgraph/follow";

const CHANGES = `subscription Changes($after: ChangeCursor) {
  changes(after: $after) { name objectId changeCursor }
}`;

/**
 * @param {import("@deskgraph/follow").Transport} transport
 * @param {{ storage: Pick<Storage, "getItem" | "setItem">, reload: () => Promise<void>, refreshToken: () => Promise<boolean>,
 *   log: (line: string) => void, apply: (change: unknown) => Promise<void> }} app
 */
export function keepUpToDate(transport, { storage, reload, refreshToken, log, apply }) {
  return follow(transport, {
    query: CHANGES,
    after: storage.getItem("cursor"),
    onCursor: (cursor) => storage.setItem("cursor", cursor),
    onRetry: ({ error, delayMs }) => log(`${error.message} Trying again in ${Math.round(delayMs)} ms.`),
    onUnauthenticated: () => refreshToken(), // the transport uses it for the next connection
    onExpired: async ({ earliest }) => {
      await reload(); // events were lost: read the current state, then continue
      return earliest;
    },
  }).subscribe({
    next: ({ data }) => apply(data.changes), // the next event, and the cursor, wait for it
    error: (error) => log(`No longer up to date: ${error}`),
  });
}
