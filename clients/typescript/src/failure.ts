// Reading what went wrong, whoever says it: GraphQL, a socket, HTTP.

import type { ServerError } from "./transport.js";

/** Why following ended, or will be tried again. */
export class FollowError extends Error {
  override readonly name: string = "FollowError";
  /**
   * `extensions.code` of GraphQL (`"FORBIDDEN"`), the close code of a socket (4403) or the status of HTTP (401); undefined
   * for anything else, such as a connection that was lost. `"NO_CURSOR"` when an event came without one.
   */
  readonly code: string | number | undefined;
  /** What the server said, when it was GraphQL. */
  readonly errors: readonly ServerError[];
  /** Where to go on: the last event that was dealt with, or what the server said. Null when there was neither. */
  readonly cursor: string | null;

  constructor(told: Told, cursor: string | null) {
    super(told.message, { cause: told.cause });
    this.code = told.code;
    this.errors = told.errors;
    this.cursor = cursor;
  }
}

/** Events were lost: what lies behind `cursor` is no longer kept, or the server was restored to a state before it. */
export class CursorExpiredError extends FollowError {
  override readonly name = "CursorExpiredError";
  /** Where to go on: the earliest cursor that can be served or, after a restore, the last event that is still there. */
  readonly earliest: string;

  constructor(told: Told, cursor: string | null, earliest: string) {
    super(told, cursor);
    this.earliest = earliest;
  }
}

/** A failure in one form. */
export interface Told {
  readonly message: string;
  readonly code: string | number | undefined;
  readonly errors: readonly ServerError[];
  /** Where to go on, when the server says so. */
  readonly resume?: string | undefined;
  readonly cause: unknown;
}

/** An event without a cursor. Going on from the one before would only repeat it. */
export class NoCursor extends Error {
  constructor(cause?: unknown) {
    super("An event has no cursor: select `cursor` in what is subscribed to, or say with getCursor where it is.", { cause });
  }
}

/** Reads what a transport gives to `error`, or the errors of an answer. */
export function read(cause: unknown): Told {
  if (Array.isArray(cause)) return ofServer(cause);
  if (cause instanceof NoCursor) return { message: cause.message, code: "NO_CURSOR", errors: [], cause: cause.cause };
  const { code, reason, message, response } = Object(cause) as Record<string, unknown>;
  const text = [message, reason].find((text) => typeof text === "string" && text !== "");
  const because = text === undefined ? "." : `: ${String(text)}`;
  if (typeof code === "number") return { message: `The socket was closed with ${code}${because}`, code, errors: [], cause };
  const status: unknown = Object(response).status;
  if (typeof status === "number") return { message: `HTTP ${status}${because}`, code: status, errors: [], cause };
  return { message: `The connection was lost${because}`, code: undefined, errors: [], cause };
}

function ofServer(errors: readonly ServerError[]): Told {
  const deciding = errors.find(({ extensions }) => extensions?.["code"]) ?? errors[0];
  const { code, cursor } = deciding?.extensions ?? {};
  return {
    message: errors.map(({ message }) => message).join(" "),
    code: typeof code === "string" ? code : undefined,
    errors,
    resume: typeof cursor === "string" ? cursor : undefined,
    cause: errors,
  };
}

// Codes of GraphQL that go away. Every other is about the request, and stays.
const PASSING = ["SLOW_CONSUMER", "INTERNAL", "TIMEOUT", "UNAVAILABLE", "GONE", "RATE_LIMITED"];
// Close codes that say that this client does something wrong.
const MISTAKES = [4400, 4401, 4406, 4409, 4429];
// Statuses below 500 that go away.
const PASSING_STATUS = [408, 425, 429];

/** Whether the credential was refused. */
export function isUnauthenticated({ code }: Told): boolean {
  return code === "UNAUTHENTICATED" || code === 4403 || code === 401;
}

/** Whether the same request may succeed later. */
export function isPassing({ code, errors }: Told): boolean {
  if (code === undefined) return errors.length === 0;
  if (typeof code === "string") return PASSING.includes(code);
  if (code < 1000) return code >= 500 || PASSING_STATUS.includes(code);
  return !MISTAKES.includes(code);
}
