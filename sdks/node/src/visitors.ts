/** Whose request is being answered: what middleware knows of the visitor, for every event of that request. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Identifier, Properties } from "./types.js";

/** What events of one visitor have in common. A function is asked when an event is made, once a user is known. */
export interface Visitor {
  readonly profileId?: Identifier | (() => Identifier | undefined) | undefined;
  readonly deviceId?: string | (() => string | undefined) | undefined;
  readonly sessionId?: string | undefined;
  readonly path?: string | undefined;
  readonly referrer?: string | undefined;
  readonly ip?: string | undefined;
  readonly userAgent?: string | undefined;
  readonly language?: string | undefined;
  readonly properties?: Properties | undefined;
}

const storage = new AsyncLocalStorage<Visitor>();

/** The visitor of what is running; undefined where nobody said who it is. */
export function currentVisitor(): Visitor | undefined {
  return storage.getStore();
}

/** Run it with this visitor, and everything that it starts. */
export function visiting<T>(visitor: Visitor, work: () => T): T {
  return storage.run(visitor, work);
}

/** The value, or what the function says; undefined where it fails. */
export function asked<T extends string | number>(value: T | (() => T | undefined) | undefined): T | undefined {
  if (typeof value !== "function") return value;
  try {
    return value();
  } catch {
    return undefined;
  }
}
