// A route of the app that hands events and the script on: pages then speak with their own site alone.
import { addressOf } from "./address.js";

export interface RouteOptions {
  /** Address of the Event Lens server, as the app's server reaches it. A build may not know it: it is needed by the first request. */
  api: string | undefined;
}

type Handler = (request: Request) => Promise<Response>;

/** Paths that pages need; nothing else of the server is reached this way. */
const SCRIPTS = /\/(e(?:\.[a-z]+)?\.js)$/;
const COLLECT = "/track/batch";

/** Headers by which the server recognises visitors. It believes the address from `TRUSTED_PROXIES` only. */
const HANDED_ON = ["user-agent", "accept-language", "content-type", "origin", "referer", "x-forwarded-for", "x-real-ip"];
const HANDED_BACK = ["content-type", "cache-control", "etag", "retry-after"];

function picked(headers: Headers, names: string[]): Headers {
  const found = new Headers();
  for (const [name, value] of headers) if (names.includes(name) || name.startsWith("sec-ch-ua")) found.set(name, value);
  return found;
}

/**
 * The handlers of `app/stats/[...path]/route.ts`:
 *
 *     export const { GET, POST } = createRoute({ api: "http://event-lens:3002" });
 *
 * and the pages' `api` is "/stats". Works with any server that speaks Request and Response.
 */
export function createRoute({ api }: RouteOptions): { GET: Handler; POST: Handler } {
  async function handOn(request: Request, path: string, more: RequestInit): Promise<Response> {
    const headers = picked(request.headers, HANDED_ON);
    const tag = request.headers.get("if-none-match");
    if (tag) headers.set("if-none-match", tag);
    const url = addressOf(api) + path;
    try {
      const answer = await fetch(url, { ...more, method: request.method, headers, cache: "no-store" });
      const body = answer.status === 304 ? null : await answer.arrayBuffer();
      return new Response(body, { status: answer.status, headers: picked(answer.headers, HANDED_BACK) });
    } catch {
      // The page keeps its events and tries again.
      return new Response(null, { status: 503, headers: { "retry-after": "5" } });
    }
  }

  return {
    async GET(request) {
      const { pathname, search } = new URL(request.url);
      const name = SCRIPTS.exec(pathname)?.[1];
      return name ? handOn(request, `/${name}${search}`, {}) : new Response(null, { status: 404 });
    },
    async POST(request) {
      if (!new URL(request.url).pathname.endsWith(COLLECT)) return new Response(null, { status: 404 });
      return handOn(request, COLLECT, { body: await request.arrayBuffer() });
    },
  };
}
