// What is asked again and again, from what the app said once.

import type { FollowOptions } from "./options.js";
import type { Payload } from "./transport.js";

const BUFFER_SIZE = 1024;

/** What is asked in each subscription, and how its answers are read. */
export interface Request<Data> {
  readonly payload: Omit<Payload, "variables">;
  readonly variables: object;
  /** Where the first begins; null is now. */
  readonly after: string | null;
  readonly cursorVariable: string;
  readonly getCursor: (data: Data) => string | null | undefined;
  readonly bufferSize: number;
}

/** @throws {TypeError} when the options cannot be followed */
export function prepare<Data, Variables>(options: FollowOptions<Data, Variables>): Request<Data> {
  const { operationName, extensions, cursorVariable = "after", bufferSize = BUFFER_SIZE } = options;
  const query = String(options.query);
  if (query === "[object Object]") throw new TypeError("query: must be text; print a document that is a syntax tree.");
  if (!new RegExp(`\\$${cursorVariable}\\b`).test(query)) {
    throw new TypeError(`query: must declare $${cursorVariable}, the variable that says where to go on.`);
  }
  if (!(bufferSize >= 1)) throw new TypeError("bufferSize: must be 1 or more.");
  const variables = (options.variables ?? {}) as Record<string, unknown>;
  const payload = { query, ...(operationName && { operationName }), ...(extensions && { extensions }) };
  const after = options.after ?? (variables[cursorVariable] as string | null | undefined) ?? null;
  return { payload, variables, after, cursorVariable, bufferSize, getCursor: options.getCursor ?? cursorOfRoot };
}

// A subscription has one root field: its name, or alias, need not be known.
function cursorOfRoot(data: unknown): string | undefined {
  const [root] = Object.values(data as object);
  return root?.cursor;
}
