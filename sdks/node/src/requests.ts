/** What a request says of its visitor, for the middleware of any framework. */
import type { IncomingHttpHeaders } from "node:http";
import type { EventLens } from "./client.js";
import type { Identifier } from "./types.js";
import type { Visitor } from "./visitors.js";

/** How middleware knows visitors. `Q` is the framework's request. */
export interface MiddlewareOptions<Q> {
  /** Record a screen view for each page that is answered; no unless it says so. */
  readonly views?: boolean | undefined;
  /** Who is signed in; asked when an event is made. */
  readonly profileId?: ((request: Q) => Identifier | undefined) | undefined;
  /** An id of the visitor's device, as from a cookie of your own. Without one the server makes one for the day. */
  readonly deviceId?: ((request: Q) => string | undefined) | undefined;
  /** The visitor's address, where the framework's is a proxy's. */
  readonly ip?: ((request: Q) => string | undefined) | undefined;
  /** Requests that are not looked at. */
  readonly skip?: ((request: Q) => boolean) | undefined;
}

/** What all frameworks' requests can be reduced to. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly host: string;
  readonly headers: IncomingHttpHeaders;
  readonly ip: string | undefined;
}

/** Programs that say so: with the secret, as servers send, Event Lens does not look for them. */
const PROGRAM = /bot|crawl|spider|slurp|preview|monitor|headless|curl|wget|python|http|java\/|^$/i;

/** The visitor of a request. A page's address is the request's own, or that of the page which asks. */
export function visitorOf<Q>(request: Q, seen: Seen, options: MiddlewareOptions<Q>): Visitor {
  const { headers } = seen;
  const referrer = headers.referer ?? "";
  const isPage = isNavigation(seen);
  const { profileId, deviceId } = options;
  return {
    profileId: profileId && (() => profileId(request)),
    deviceId: deviceId && (() => deviceId(request)),
    path: isPage ? seen.url : hostOf(referrer) === seen.host ? referrer : undefined,
    referrer: isPage ? referrer : undefined,
    ip: options.ip?.(request) ?? seen.ip,
    userAgent: headers["user-agent"],
    language: headers["accept-language"]?.split(",")[0]?.split(";")[0],
  };
}

/** Record a screen view, where the answer was a page that a person asked for. */
export function recordView(client: EventLens, visitor: Visitor, seen: Seen, status: number, contentType: string): void {
  if (status >= 400 || status < 200 || !contentType.includes("text/html")) return;
  if (!isNavigation(seen) || PROGRAM.test(seen.headers["user-agent"] ?? "")) return;
  client.visit(visitor, () => client.screenView(seen.url));
}

function isNavigation(seen: Seen): boolean {
  const { headers } = seen;
  const isAhead = /prefetch|prerender/.test(`${String(headers["purpose"])} ${String(headers["sec-purpose"])}`);
  return seen.method === "GET" && !isAhead && (headers.accept ?? "").includes("text/html");
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "";
}
