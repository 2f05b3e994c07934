// For server components, actions and route handlers: what a server knows better than a page, such as payments.
import type { About, Properties, Traits } from "@event-lens/web";
import { addressOf } from "./address.js";

export interface ServerOptions {
  /** Address of the Event Lens server. A build may know none of these: they are needed by the first call. */
  api: string | undefined;
  /** A write client, with its secret: never in a page. */
  clientId: string | undefined;
  clientSecret: string | undefined;
}

/** Whose doing it is. With neither, an event belongs to nobody's session. */
export interface Whose {
  profileId?: string | undefined;
  deviceId?: string | undefined;
  /** The visitor's request headers (`await headers()`): then it counts for the visitor's own session. */
  headers?: { get(name: string): string | null } | undefined;
}

export class EventLensError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = "EventLensError";
  }
}

export interface ServerClient {
  track(name: string, properties?: Properties, whose?: Whose): Promise<void>;
  identify(profileId: string, traits?: Traits): Promise<void>;
  increment(profileId: string, property: string, value?: number): Promise<void>;
  decrement(profileId: string, property: string, value?: number): Promise<void>;
  alias(profileId: string, alias: string): Promise<void>;
  group(id: string, about: About): Promise<void>;
  /** Money in minor units (cents), with `currency` among the properties. */
  revenue(amount: number, properties?: Properties, whose?: Whose): Promise<void>;
}

const TRIES = 4;

function visitor(headers: Whose["headers"]): Record<string, string> {
  const address = headers?.get("x-forwarded-for")?.split(",")[0]?.trim() ?? headers?.get("x-real-ip");
  const agent = headers?.get("user-agent");
  return { ...(address && { "event-lens-client-ip": address }), ...(agent && { "user-agent": agent }) };
}

/** A client for servers. Each call is fulfilled when the event is stored for good, and tried again (as one event) until then. */
export function createServer({ api, clientId, clientSecret }: ServerOptions): ServerClient {
  async function send(type: string, payload: Properties, headers?: Whose["headers"]): Promise<void> {
    const url = `${addressOf(api)}/track`;
    const named = type === "group" ? payload : { id: crypto.randomUUID(), timestamp: Date.now(), ...payload };
    const request = {
      method: "POST",
      cache: "no-store" as const,
      headers: {
        "content-type": "application/json",
        "user-agent": "event-lens-nextjs/0.1.0",
        ...visitor(headers),
        "event-lens-client-id": clientId ?? "",
        "event-lens-client-secret": clientSecret ?? "",
      },
      body: JSON.stringify({ type, payload: named }),
    };
    for (let attempt = 1; ; attempt++) {
      const answer = await fetch(url, request).catch((error: unknown) => new Response(String(error), { status: 599 }));
      const text = await answer.text();
      if (answer.ok) return;
      if (attempt === TRIES || (answer.status < 500 && answer.status !== 429)) throw new EventLensError(answer.status, text);
      await new Promise((done) => setTimeout(done, 250 * 2 ** attempt));
    }
  }

  const track = (name: string, properties: Properties = {}, { headers, ...whose }: Whose = {}): Promise<void> =>
    send("track", { name, ...whose, properties }, headers);

  return {
    track,
    identify: (profileId, traits) => send("identify", { ...traits, profileId }),
    increment: (profileId, property, value) => send("increment", { profileId, property, value }),
    decrement: (profileId, property, value) => send("decrement", { profileId, property, value }),
    alias: (profileId, alias) => send("alias", { profileId, alias }),
    group: (id, about) => send("group", { ...about, id }),
    revenue: (amount, properties, whose) => track("revenue", { ...properties, __revenue: amount }, whose),
  };
}
