// Conversion of failures of GraphQL, WebSocket and HTTP into one form.

import type { ServerError } from "./transport.js";

/** A failure of a subscription, after which `follow()` ends or retries. */
export class FollowError extends Error {
  override readonly name: string = "FollowError";
  /**
   * `extensions.code` of a GraphQL error (`"FORBIDDEN"`), the close code of a WebSocket (4403) or an HTTP status (401).
   * `"NO_CURSOR"` for an event without a cursor. Undefined for other failures, such as a lost connection.
   */
  readonly code: string | number | undefined;
  /** GraphQL errors of the server. Empty for other failures. */
  readonly errors: readonly ServerError[];
  /** Cursor of the last processed event, or one that the server named in an earlier failure, or `after`. Null without any of them. */
  readonly cursor: string | null;

  constructor(told: Told, cursor: string | null) {
    super(told.message, { cause: told.cause });
    this.code = told.code;
    this.errors = told.errors;
    this.cursor = cursor;
  }
}

/** Events were lost: events after `cursor` are no longer stored, or the server was restored to an earlier state. */
export class CursorExpiredError extends FollowError {
  override readonly name = "CursorExpiredError";
  /** Cursor to continue from: the earliest that the server can serve or, after a restore, the last event that still exists. */
  readonly earliest: string;

  constructor(told: Told, cursor: string | null, earliest: string) {
    super(told, cursor);
    this.earliest = earliest;
  }
}

/** A failure of GraphQL, WebSocket or HTTP in one form. */
export interface Told {
  readonly message: string;
  readonly code: string | number | undefined;
  readonly errors: readonly ServerError[];
  /** Cursor to continue from, when the server names one. */
  readonly resume?: string | undefined;
  readonly cause: unknown;
}

/** An event without a cursor. A retry from the previous cursor would return the same event again. */
export class NoCursor extends Error {
  constructor(cause?: unknown) {
    super("An event has no cursor. Select `changeCursor` in the root field of the subscription, or set the option getCursor.", { cause });
  }
}

/** Reads the argument of the transport's `error` callback, or the errors of a response. */
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
  const { code, changeCursor } = deciding?.extensions ?? {};
  return {
    message: errors.map(({ message }) => message).join(" "),
    code: typeof code === "string" ? code : undefined,
    errors,
    resume: typeof changeCursor === "string" ? changeCursor : undefined,
    cause: errors,
  };
}

// GraphQL codes after which a retry can succeed. All others are caused by the request.
const PASSING = ["SLOW_CONSUMER", "INTERNAL", "TIMEOUT", "UNAVAILABLE", "GONE", "RATE_LIMITED"];
// WebSocket close codes that report a mistake of the client.
const MISTAKES = [4400, 4401, 4406, 4409, 4429];
// HTTP statuses below 500 after which a retry can succeed.
const PASSING_STATUS = [408, 425, 429];

/** Returns true when the credential was refused. */
export function isUnauthenticated({ code }: Told): boolean {
  return code === "UNAUTHENTICATED" || code === 4403 || code === 401;
}

/** Returns true when the same request can succeed later. */
export function isPassing({ code, errors }: Told): boolean {
  if (code === undefined) return errors.length === 0;
  if (typeof code === "string") return PASSING.includes(code);
  if (code < 1000) return code >= 500 || PASSING_STATUS.includes(code);
  return !MISTAKES.includes(code);
}
