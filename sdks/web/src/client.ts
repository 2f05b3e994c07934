// A page's client: a queue that loses nothing it can keep, and the calls that fill it.
import type { About, Client, Entry, Options, Properties, Traits } from "./types.js";

/** Entries that one request may carry by the server's default. */
const MOST = 100;
/** Bytes that a browser sends on behalf of a page that is gone. */
const KEEPALIVE = 6e4;
/** Entries that wait at most: of a page that is offline for long the oldest go. */
const WAITING = 1000;

const uid = (): string => Date.now().toString(36) + Math.random().toString(36).slice(2);

let kept: Record<string, string> | undefined;

/** What this site keeps in the browser; memory where storage is blocked. The first look is what costs most at load. */
function storage(): Record<string, string> {
  try {
    kept ||= localStorage;
  } catch {
    // Blocked.
  }
  return (kept ||= {});
}

export function create(options: Options): Client {
  const url = `${options.api}/${options.collect || "track/batch"}`;
  let queue: Entry[] = [];
  let pending: Entry[] = [];
  let profileId: string | undefined;
  let deviceId: string | undefined;
  let global: Properties | undefined;
  let held = FULL && options.wait;
  /** Not known before something has to be sent. */
  let off: unknown;
  let timer: ReturnType<typeof setTimeout> | undefined | 0;
  let delay = 1e3;
  let referrer = document.referrer;

  /** Whether nothing may be sent. */
  function out(): unknown {
    const { doNotTrack, globalPrivacyControl } = navigator as Navigator & { globalPrivacyControl?: boolean };
    return (off ??= (options.dnt && (globalPrivacyControl || doNotTrack == "1")) || storage()["eventlens_off"] || 0);
  }

  if (FULL && options.storage && !out()) {
    deviceId = storage()["eventlens_device"] ||= uid() + uid();
    queue = JSON.parse(storage()["eventlens_queue"] || "[]") as Entry[];
    later(0);
  }

  /** Write down what is not known to have arrived: the next page sends it again, under the same ids and times. */
  function keep(): void {
    pending.concat(queue).map(({ payload }) => (payload["timestamp"] ||= Date.now()));
    try {
      storage()["eventlens_queue"] = JSON.stringify(pending.concat(queue));
    } catch {
      // Full.
    }
  }

  function later(milliseconds: number): void {
    timer ||= setTimeout(() => void flush(), milliseconds);
  }

  /** A text needs no preflight, and no cookie goes along. */
  async function post(events: Entry[]): Promise<boolean> {
    const body = JSON.stringify({ clientId: options.clientId, events });
    if (FULL && document.hidden && !("keepalive" in Request.prototype)) return navigator.sendBeacon(url, body);
    try {
      return (await fetch(url, { method: "POST", body, keepalive: body.length < KEEPALIVE, credentials: "omit" })).status < 429;
    } catch {
      return false;
    }
  }

  async function flush(): Promise<void> {
    clearTimeout(timer);
    timer = 0;
    if ((FULL && held) || !queue[0]) return;
    if (FULL && out()) {
      queue = [];
      return;
    }
    const now = Date.now();
    const batch = queue.splice(0, MOST);
    if (FULL) pending = pending.concat(batch);
    const sent = post(batch);
    const rest = queue.length && flush();
    const taken = await sent;
    if (FULL) pending = pending.filter((each) => !batch.includes(each));
    if (taken) delay = 1e3;
    else if (!FULL || !off) {
      // From here on they are late, and say since when.
      batch.map(({ payload }) => (payload["timestamp"] ||= now));
      queue = batch.concat(queue).slice(-WAITING);
      later((delay = Math.min(delay * (1.5 + Math.random()), 6e4)));
    }
    if (FULL && options.storage && !off) keep();
    await rest;
  }

  function send(type: string, payload: Properties): void {
    if (FULL && off) return;
    queue.push({
      type,
      payload: FULL
        ? { ...(type != "group" && { id: uid(), deviceId }), ...(held && { timestamp: Date.now() }), ...payload }
        : { id: uid(), ...payload },
    });
    // A page that is still loading has better things to do, for a second.
    later(document.readyState == "complete" ? 20 : 1e3);
  }

  function track(name: string, properties: Properties = {}): void {
    const { __path: path = location.href, ...rest } = FULL ? { ...global, ...properties } : properties;
    send("track", { name, path, referrer, profileId, properties: rest });
  }

  const client: Partial<Client> = {
    track,
    screenView(path?: string, properties?: Properties) {
      track("screen_view", {
        __path: path,
        __title: document.title,
        ...(FULL && { __language: navigator.language, __screen: `${screen.width}x${screen.height}` }),
        ...properties,
      });
      referrer = location.href;
    },
    identify(who: string | (Traits & { profileId: string }), traits?: Traits) {
      const person = (who as Traits & { profileId: string }).profileId ? (who as { profileId: string }) : { ...traits, profileId: who as string };
      profileId = person.profileId;
      send("identify", person);
    },
    flush,
  };
  if (FULL) {
    const change = (type: string) => (what: string | { property: string }, value?: number) =>
      send(type, { profileId, ...((what as { property: string }).property ? (what as object) : { property: what, value }) });
    Object.assign(client, {
      setGlobalProperties(properties: Properties) {
        global = { ...global, ...properties };
      },
      increment: change("increment"),
      decrement: change("decrement"),
      alias: (alias: string) => send("alias", { profileId, alias }),
      group(id: string, about?: About) {
        if (about) send("group", { ...about, id });
        send("assign_group", { groupIds: [id], profileId });
      },
      revenue: (amount: number, properties?: Properties) => track("revenue", { ...properties, __revenue: amount }),
      optOut(out = true) {
        const store = storage();
        off = out;
        queue = [];
        delete store["eventlens_off"];
        if (out) {
          store["eventlens_off"] = "1";
          delete store["eventlens_device"];
          delete store["eventlens_queue"];
        }
      },
      ready() {
        held = false;
        return flush();
      },
      clear() {
        profileId = undefined;
        if (deviceId) deviceId = storage()["eventlens_device"] = uid() + uid();
      },
      use: (plugin: (client: Client) => void) => plugin(client as Client),
      send,
      post,
    });
  }

  const leave = (): void => {
    if (FULL && options.storage && queue[0]) keep();
    void flush();
  };
  addEventListener("load", () => setTimeout(() => void flush()));
  addEventListener("online", leave);
  addEventListener("pagehide", leave);
  addEventListener("visibilitychange", leave);
  return client as Client;
}
