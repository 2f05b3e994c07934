/** A plugin for Fastify 4 and 5. */
import type { IncomingHttpHeaders } from "node:http";
import type { EventLens } from "./client.js";
import { recordView, visitorOf, type MiddlewareOptions, type Seen } from "./requests.js";
import { visiting, type Visitor } from "./visitors.js";

/** What is used of Fastify's request. */
export interface FastifyRequestLike {
  readonly method: string;
  readonly url: string;
  readonly protocol: string;
  readonly ip: string;
  readonly headers: IncomingHttpHeaders;
}

/** What is used of Fastify's reply. */
export interface FastifyReplyLike {
  readonly statusCode: number;
  getHeader(name: string): unknown;
}

/** What is used of Fastify itself. */
export interface FastifyLike<Q, R> {
  addHook(name: "onRequest" | "onResponse", hook: (request: Q, reply: R, done: () => void) => void): unknown;
}

export interface FastifyOptions<Q> extends MiddlewareOptions<Q> {
  readonly client: EventLens;
}

/** `await app.register(eventLens, { client })`: events that are made while a request is answered are its visitor's. */
export function eventLens<Q extends FastifyRequestLike, R extends FastifyReplyLike>(
  app: FastifyLike<Q, R>,
  options: FastifyOptions<Q>,
  ready: () => void,
): void {
  const known = new WeakMap<object, { readonly visitor: Visitor; readonly seen: Seen }>();
  app.addHook("onRequest", (request, _, done) => {
    if (options.skip?.(request) === true) {
      done();
      return;
    }
    const seen = seenBy(request);
    const visitor = visitorOf(request, seen, options);
    known.set(request, { visitor, seen });
    visiting(visitor, done);
  });
  app.addHook("onResponse", (request, reply, done) => {
    const found = known.get(request);
    if (options.views === true && found !== undefined) {
      recordView(options.client, found.visitor, found.seen, reply.statusCode, String(reply.getHeader("content-type")));
    }
    done();
  });
  ready();
}
// Not for its own part of the application alone.
Object.assign(eventLens, { [Symbol.for("skip-override")]: true, [Symbol.for("fastify.display-name")]: "event-lens" });

function seenBy(request: FastifyRequestLike): Seen {
  const host = request.headers.host ?? "";
  const url = `${request.protocol}://${host}${request.url}`;
  return { method: request.method, url, host, headers: request.headers, ip: request.ip };
}

export type { MiddlewareOptions } from "./requests.js";
