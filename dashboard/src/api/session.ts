/** Who is signed in, and which projects they may see. */

import { queryOptions } from "@tanstack/react-query";

import { api, ApiError, body, rememberCsrf, send } from "@/api/client";
import type { components } from "@/api/schema";

type Schemas = components["schemas"];

export type Account = Schemas["Account"];
export type OwnOrganisation = Schemas["OwnOrganisation"];
export type Action = Schemas["OwnProject"]["rights"][number];
type Me = Schemas["Me"];

export interface SeenProject {
  id: string;
  name: string;
  domain: string;
  timezone: string;
  organisation_id?: string;
  /** Absent where a client stands in for a person; it may do everything. */
  rights?: Action[];
}

export interface Session {
  user: Account | null;
  organisations: OwnOrganisation[];
  projects: SeenProject[];
}

async function ask(): Promise<Session> {
  try {
    const { data } = await send<{ data: Me }>("GET", "auth/me");
    rememberCsrf(data.csrf);
    return { user: data.user, organisations: data.organisations, projects: data.projects };
  } catch (error) {
    // A gateway that signs people in by itself speaks as a client: there is nobody to name, but there are projects.
    if (!(error instanceof ApiError) || (error.status !== 404 && error.status !== 403)) throw error;
    rememberCsrf(undefined);
    const { data } = await body(api.GET("/manage/projects"));
    return { user: null, organisations: [], projects: data };
  }
}

/** Whether whoever is there may do that in a project; a client that stands in for a person may. */
export function may(project: SeenProject | undefined, action: Action): boolean {
  return project !== undefined && (project.rights?.includes(action) ?? true);
}

export const session = () => queryOptions({ queryKey: ["session"], queryFn: ask, staleTime: 60_000, retry: false });

/** `code` of the second factor, where there is one: without it the answer is an error `two_factor`. */
export async function signIn(email: string, password: string, code: string): Promise<void> {
  const { data } = await send<{ data: Me }>("POST", "auth/sign-in", { email, password, ...(code ? { code } : {}) });
  rememberCsrf(data.csrf);
}

/** The second step of a sign-in with an account elsewhere. */
export async function finishSignIn(ticket: string, code: string): Promise<void> {
  const { data } = await send<{ data: Me }>("POST", "auth/second-factor", { ticket, code });
  rememberCsrf(data.csrf);
}

export async function signOut(): Promise<void> {
  await send("POST", "auth/sign-out");
  rememberCsrf(undefined);
}

/** What a link of an invitation, a reset or the first start is for. */
export interface LinkAnswer {
  kind: "setup" | "reset" | "invitation";
  email: string;
  organisation: string;
  project: string;
  invited_by: string;
}

export async function readLink(token: string): Promise<LinkAnswer> {
  return (await send<{ data: LinkAnswer }>("POST", "auth/link", { token })).data;
}

export async function followLink(kind: LinkAnswer["kind"], fields: { token: string; password: string; name: string; email: string }): Promise<void> {
  const { token, password } = fields;
  const answer =
    kind === "reset"
      ? await send<{ data: Me }>("POST", "auth/new-password", { token, password })
      : await send<{ data: Me }>("POST", "auth/sign-up", fields);
  rememberCsrf(answer.data.csrf);
}
