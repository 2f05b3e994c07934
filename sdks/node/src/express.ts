/** Middleware for Express 4 and 5 (and whatever has its requests). */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { EventLens } from "./client.js";
import { recordView, visitorOf, type MiddlewareOptions, type Seen } from "./requests.js";
import { visiting } from "./visitors.js";

/** What is used of Express's request. */
export interface ExpressRequest extends IncomingMessage {
  readonly originalUrl: string;
  readonly protocol: string;
  readonly ip?: string | undefined;
}

/** Events that are made while a request is answered are its visitor's. */
export function eventLens<Q extends ExpressRequest = ExpressRequest>(
  client: EventLens,
  options: MiddlewareOptions<Q> = {},
): (request: Q, response: ServerResponse, next: () => void) => void {
  return (request, response, next) => {
    if (options.skip?.(request) === true) {
      next();
      return;
    }
    const seen = seenBy(request);
    const visitor = visitorOf(request, seen, options);
    if (options.views === true) {
      response.once("finish", () => {
        recordView(client, visitor, seen, response.statusCode, String(response.getHeader("content-type")));
      });
    }
    visiting(visitor, next);
  };
}

function seenBy(request: ExpressRequest): Seen {
  const host = request.headers.host ?? "";
  const url = `${request.protocol}://${host}${request.originalUrl}`;
  return { method: request.method ?? "", url, host, headers: request.headers, ip: request.ip };
}

export type { MiddlewareOptions } from "./requests.js";
