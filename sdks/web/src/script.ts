// The script tag: what stands in its attributes, and whatever was called before it came.
import { create } from "./client.js";
import { watch } from "./page.js";
import type { Client, Flag, Options, Properties } from "./types.js";

/** Changes with the chunks, so that browsers may keep them for good. */
declare const VERSION: string;

/** Attributes: options of the client, and parts to be loaded. */
type Said = Record<string, Flag>;
/** What OpenPanel's snippet says. */
interface Init {
  clientId: string;
  apiUrl?: string;
  trackScreenViews?: boolean;
  trackHashChanges?: boolean;
  trackOutgoingLinks?: boolean;
  trackAttributes?: boolean;
  disabled?: boolean;
  sessionReplay?: { enabled?: boolean };
}
type Call = (name: string, ...given: unknown[]) => void;
type Queue = Call & { q?: Parameters<Call>[] };
declare global {
  interface Window {
    eventlens?: Queue & Client;
    op?: Queue;
  }
}

const tag = document.currentScript as HTMLScriptElement;
const before = window.eventlens;
const openpanel = FULL ? window.op : undefined;

const call = ((name, ...given) => (api[name as "flush"] as Call | undefined)?.(...(given as [string]))) as Call;
const api = call as Call & Client;

/** Begin, once it is known for whom. */
function begin(options: Said): void {
  options["api"] ||= tag.src.slice(0, tag.src.lastIndexOf("/"));
  // An attribute without a value is on.
  if (FULL) for (const name in options) options[name] ||= options[name] === "";
  const read = options as Said & Options;
  Object.assign(api, create(read));
  // The first view has the properties that every event has.
  if (FULL) for (const [name, given] of before?.q || []) if (name == "setGlobalProperties") api.setGlobalProperties(given as Properties);
  watch(api, read);
  if (FULL) {
    for (const name of ["reading", "forms", "vitals", "errors", "replay"]) {
      if (!options[name]) continue;
      const chunk = document.createElement("script");
      chunk.src = tag.src.replace(/\.js.*/, `.${name}.js?v=${VERSION}`);
      if (tag.nonce) chunk.nonce = tag.nonce;
      document.head.append(chunk);
    }
  }
}

/** OpenPanel's words for the same things. */
function init(said: Init): void {
  begin({
    clientId: said.clientId,
    api: said.apiUrl,
    manual: !said.trackScreenViews,
    hash: said.trackHashChanges,
    wait: said.disabled,
    replay: said.sessionReplay?.enabled,
    without: `not-found${said.trackOutgoingLinks ? "" : " links files"}${said.trackAttributes ? "" : " attributes"}`,
  });
  Object.assign(api, {
    setGroup: (id: string) => { api.group(id); },
    setGroups: (groupIds: string[]) => groupIds.map((id) => api.group(id)),
    upsertGroup: (about: Properties) => api.send("group", about),
  });
}

if (!before?.track) {
  window.eventlens = api;
  if (FULL) Object.assign(api, { init });
  if (FULL && openpanel) window.op = api;
  // eslint-disable-next-line @typescript-eslint/no-misused-spread -- its attributes are all that is wanted
  if (tag.dataset["clientId"]) begin({ ...tag.dataset });
  for (const queue of [before, openpanel]) for (const each of queue?.q || []) call(...each);
}
