// The npm package: the same client, begun by a call.
import { create } from "./client.js";
import { watch } from "./page.js";
import type { Client, Options, Plugin } from "./types.js";

export type { About, Client, Entry, Flag, Options, Plugin, Properties, Traits } from "./types.js";

export interface InitOptions extends Options {
  /** Address of the server, or of the path of your own site that leads there. */
  api: string;
  /** Such as `vitals()` of `@event-lens/web/vitals`. */
  plugins?: Plugin[] | undefined;
}

type Method = Exclude<keyof Client, "flush" | "post">;

let current: Client | undefined;
let waiting: [Method, unknown[]][] = [];

const run = (name: Method, given: unknown[]): void => {
  if (current) (current[name] as (...given: unknown[]) => void)(...given);
  // On a server nobody ever begins: nothing may pile up there.
  else if (typeof window !== "undefined" && waiting.length < 1000) waiting.push([name, given]);
};

const METHODS = [
  "track", "screenView", "identify", "setGlobalProperties", "increment", "decrement", "alias", "group", "revenue", "optOut", "ready",
  "clear", "use", "send",
] as const satisfies Method[];

/** The page's client. Calls before `init` wait for it; where there is no page, they do nothing. */
export const eventlens: Client = Object.assign(
  Object.fromEntries(METHODS.map((name) => [name, (...given: unknown[]) => run(name, given)])),
  { flush: async () => current?.flush(), post: async (entries: Parameters<Client["post"]>[0]) => current?.post(entries) ?? false },
) as unknown as Client;

/** Begin to measure the page. Called again it changes nothing; on a server neither. */
export function init(options: InitOptions): Client {
  if (!current && typeof window !== "undefined") {
    current = create({ ...options, api: options.api.replace(/\/$/, "") });
    const calls = waiting;
    waiting = [];
    // The first view has the properties that every event has.
    for (const [name, given] of calls) if (name === "setGlobalProperties") run(name, given);
    watch(current, options);
    for (const plugin of options.plugins ?? []) plugin(current);
    for (const [name, given] of calls) if (name !== "setGlobalProperties") run(name, given);
  }
  return eventlens;
}
