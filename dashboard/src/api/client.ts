import createClient, { type Middleware } from "openapi-fetch";

import type { paths } from "@/api/schema";
import { root } from "@/lib/base";
import { sharedHeaders } from "@/lib/shared";

/** An answer that is no success; `message` is a sentence for people. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly field: string | undefined,
  ) {
    super(message);
  }
}

interface Problem {
  error?: { code?: string; message?: string; field?: string };
}

let csrfToken = "";
let known: () => void = () => undefined;
const csrfKnown = new Promise<void>((resolve) => { known = resolve; });

/** What every changing request carries beside the session's cookie. */
export function rememberCsrf(token: string | undefined): void {
  csrfToken = token ?? "";
  known();
}

/** Routes for people who are not signed in. */
const STRANGERS: ReadonlySet<string> = new Set(["/auth/forgotten", "/auth/oauth/{provider}", "/shares/open"]);

const errors: Middleware = {
  async onRequest({ request, schemaPath }) {
    for (const [name, value] of Object.entries(sharedHeaders())) request.headers.set(name, value);
    if (request.method === "GET" || STRANGERS.has(schemaPath)) return;
    await csrfKnown; // a page that asks with a body is often drawn before it is known who is there
    if (csrfToken) request.headers.set("event-lens-csrf", csrfToken);
  },
  async onResponse({ response }) {
    if (response.ok) return;
    const body = (await response.json().catch(() => ({}))) as Problem;
    const { code = "error", message = response.statusText, field } = body.error ?? {};
    throw new ApiError(response.status, code, message, field);
  },
};

export const api = createClient<paths>({ baseUrl: root.replace(/\/$/, ""), credentials: "same-origin" });
api.use(errors);

/** The body of an answer; failures were thrown before. */
export async function body<T>(answer: Promise<{ data?: T }>): Promise<T> {
  const { data } = await answer;
  if (data === undefined) throw new ApiError(0, "empty", "The answer was empty.", undefined);
  return data;
}

/** A request to a route that the OpenAPI document leaves out. */
export async function send<T>(method: string, path: string, json?: unknown): Promise<T> {
  const response = await fetch(root + path.replace(/^\//, ""), {
    method,
    credentials: "same-origin",
    headers: {
      ...(json === undefined ? {} : { "content-type": "application/json" }),
      ...(csrfToken ? { "event-lens-csrf": csrfToken } : {}),
    },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
  if (!response.ok) {
    const { error } = (await response.json().catch(() => ({}))) as Problem;
    throw new ApiError(response.status, error?.code ?? "error", error?.message ?? response.statusText, error?.field);
  }
  return response.status === 204 ? (undefined as T) : ((await response.json()) as T);
}
