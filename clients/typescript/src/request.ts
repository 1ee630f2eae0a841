// The request of every subscription, built once from the options.

import type { FollowOptions } from "./options.js";
import type { Payload } from "./transport.js";

const BUFFER_SIZE = 1024;

/** The request of each subscription, and how its responses are read. */
export interface Request<Data> {
  readonly payload: Omit<Payload, "variables">;
  readonly variables: object;
  /** Cursor after which the first subscription starts; null for new events only. */
  readonly after: string | null;
  readonly cursorVariable: string;
  readonly getCursor: (data: Data) => string | null | undefined;
  readonly bufferSize: number;
}

/** @throws {TypeError} when the options are not valid */
export function prepare<Data, Variables>(options: FollowOptions<Data, Variables>): Request<Data> {
  const { operationName, extensions, cursorVariable = "after", bufferSize = BUFFER_SIZE } = options;
  const query = String(options.query);
  if (query === "[object Object]") throw new TypeError("query: must be a string. Convert a syntax tree with print().");
  if (!new RegExp(`\\$${cursorVariable}\\b`).test(query)) {
    throw new TypeError(`query: must declare $${cursorVariable}, the variable for the cursor.`);
  }
  if (!(bufferSize >= 1)) throw new TypeError("bufferSize: must be at least 1.");
  const variables = (options.variables ?? {}) as Record<string, unknown>;
  const payload = { query, ...(operationName && { operationName }), ...(extensions && { extensions }) };
  const after = options.after ?? (variables[cursorVariable] as string | null | undefined) ?? null;
  return { payload, variables, after, cursorVariable, bufferSize, getCursor: options.getCursor ?? cursorOfRoot };
}

// A subscription has exactly one root field, so its name or alias is not needed.
function cursorOfRoot(data: unknown): string | undefined {
  const [root] = Object.values(data as object);
  return root?.changeCursor;
}
