/** The types of what callers hand over and get back. */

export type Identifier = string | number;

/** Any JSON. What JSON leaves out (functions, undefined) is left out; a BigInt becomes a number, or a text beyond 2^53. */
export type Properties = Readonly<Record<string, unknown>>;

/** A Date, ISO 8601, milliseconds, or seconds (below 10^11) since 1970. */
export type Time = Date | string | number;

/** One event as it goes over the wire. */
export interface Body {
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** Whose event it is, when and where; all of it optional. Stated here it comes before the visitor's. */
export interface About {
  readonly profileId?: Identifier | undefined;
  readonly deviceId?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly groups?: readonly string[] | undefined;
  /** A URL, a path or a route's name. */
  readonly path?: string | undefined;
  readonly referrer?: string | undefined;
  /** When it happened; the moment of the call where it is not stated. */
  readonly timestamp?: Time | undefined;
  /** An id of your own, such as an order's number: the same id counts once, for good. */
  readonly id?: string | undefined;
  /** The visitor's address: it becomes a place and part of a daily hash, and is not kept. */
  readonly ip?: string | undefined;
  /** The visitor's browser. Where none is stated, the event is a server's. */
  readonly userAgent?: string | undefined;
}

/** What is known of somebody, beside properties of your own. */
export interface Person {
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
  readonly email?: string | undefined;
  /** A URL: http, https or data:image. */
  readonly avatar?: string | undefined;
  readonly properties?: Properties | undefined;
  readonly deviceId?: string | undefined;
  readonly timestamp?: Time | undefined;
  readonly id?: string | undefined;
}

/** Events that will not be stored, and why. */
export interface Problem {
  /**
   * What a program may ask for: the server's code (`invalid`, `revenue`, `unauthenticated` …), or `full` (the buffer
   * was), `closed` (the client was), `unsent` (the time to send them was up), `unreadable` (no JSON can be made of it),
   * `unexpected_answer` (another server answered), `no_client_id`.
   */
  readonly code: string;
  readonly message: string;
  /** The field that is wrong, as in `payload/name`; "" where it is none. */
  readonly field: string;
  readonly events: number;
  /** The event, where it is one and could be read. */
  readonly event?: Body | undefined;
}

/** How a client works. Every one has a default that is meant to be right. */
export interface Options {
  /** http://localhost:3002, or EVENT_LENS_URL. */
  readonly url?: string | undefined;
  /** EVENT_LENS_CLIENT_ID where it is not stated. Without one the client does nothing and says so once. */
  readonly clientId?: string | undefined;
  /** EVENT_LENS_CLIENT_SECRET where it is not stated. */
  readonly clientSecret?: string | undefined;
  /** Most events of a request, 100: what a server takes unless it is told otherwise. */
  readonly batchSize?: number | undefined;
  /** Milliseconds that an event waits for others, 500. */
  readonly flushAfter?: number | undefined;
  /** Memory that waiting events may take, 32 MiB. Newer events are dropped while it is full, and told to `onProblem`. */
  readonly bufferBytes?: number | undefined;
  /** Milliseconds that a request may take, 10,000. */
  readonly timeout?: number | undefined;
  /** Milliseconds that the end of the process waits for what is not sent yet, 5,000. */
  readonly exitTimeout?: number | undefined;
  /** Bodies over 1 KiB are sent as gzip; yes unless it says otherwise. */
  readonly compress?: boolean | undefined;
  /** Properties of every event. */
  readonly properties?: Properties | undefined;
  /** Told of every event that will not be stored. */
  readonly onProblem?: ((problem: Problem) => void) | undefined;
  /** False: calls do nothing, for tests and development. */
  readonly enabled?: boolean | undefined;
}

/** What became of the events so far. */
export interface Stats {
  readonly accepted: number;
  readonly refused: number;
  /** No room, or the client was closed, or time was up. */
  readonly dropped: number;
  readonly retries: number;
  readonly waiting: number;
  readonly waitingBytes: number;
}
