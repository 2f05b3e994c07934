/** Questions of the product pages as query options; each key holds every input. */

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";

import { api, body, send } from "@/api/client";
import type { components } from "@/api/schema";
import { compared, question, span, type Filter, type Interval, type View } from "@/lib/view";

type Schemas = components["schemas"];
export type EventRow = Schemas["EventRow"];
export type SessionRow = Schemas["SessionRow"];
export type ProfileRow = Schemas["ProfileRow"];
export type FunnelBody = Schemas["FunnelBody"];

const PAGE = 50;

interface Paged {
  meta: { next_cursor?: string | null };
}

const paging = {
  initialPageParam: "",
  getNextPageParam: (last: Paged) => last.meta.next_cursor ?? undefined,
};

function withCursor(cursor: string): { limit: number; cursor?: string } {
  return { limit: PAGE, ...(cursor ? { cursor } : {}) };
}

export const events = (projectId: string, view: View) => {
  const query = question(view);
  return infiniteQueryOptions({
    ...paging,
    queryKey: ["insights", projectId, "events", query],
    queryFn: ({ signal, pageParam }) =>
      body(api.GET("/insights/{projectId}/events", { params: { path: { projectId }, query: { ...query, ...withCursor(pageParam) } }, signal })),
    placeholderData: keepPreviousData,
  });
};

export const sessions = (projectId: string, view: View) => {
  const query = question(view);
  return infiniteQueryOptions({
    ...paging,
    queryKey: ["insights", projectId, "sessions", query],
    queryFn: ({ signal, pageParam }) =>
      body(api.GET("/insights/{projectId}/sessions", { params: { path: { projectId }, query: { ...query, ...withCursor(pageParam) } }, signal })),
    placeholderData: keepPreviousData,
  });
};

export type ProfileSort = "lastSeen" | "firstSeen" | "events" | "sessions";

export const profiles = (projectId: string, view: View, more: { search?: string; identified?: "all" | "true" | "false"; sort?: ProfileSort }) => {
  const query = { ...question(view), ...more };
  return infiniteQueryOptions({
    ...paging,
    queryKey: ["insights", projectId, "profiles", query],
    queryFn: ({ signal, pageParam }) =>
      body(api.GET("/insights/{projectId}/profiles", { params: { path: { projectId }, query: { ...query, ...withCursor(pageParam) } }, signal })),
    placeholderData: keepPreviousData,
  });
};

export const profile = (projectId: string, id: string) =>
  queryOptions({
    queryKey: ["insights", projectId, "profile", id],
    queryFn: ({ signal }) => body(api.GET("/insights/{projectId}/profiles/{id}", { params: { path: { projectId, id } }, signal })),
  });

export const profileEvents = (projectId: string, id: string) =>
  infiniteQueryOptions({
    ...paging,
    queryKey: ["insights", projectId, "profile-events", id],
    queryFn: ({ signal, pageParam }) =>
      body(
        api.GET("/insights/{projectId}/profiles/{id}/events", {
          params: { path: { projectId, id }, query: { range: "all", ...withCursor(pageParam) } },
          signal,
        }),
      ),
  });

export const oneSession = (projectId: string, id: string) =>
  queryOptions({
    queryKey: ["insights", projectId, "session", id],
    queryFn: ({ signal }) => body(api.GET("/insights/{projectId}/sessions/{id}", { params: { path: { projectId, id } }, signal })),
  });

export const eventSeries = (projectId: string, view: View, names: readonly string[]) => {
  const json = {
    ...span(view),
    filters: view.filters ?? [],
    ...(view.interval ? { interval: view.interval } : {}),
    series: names.map((event, index) => ({ metric: "total_events", event, id: `s${index}`, name: event })),
  };
  return queryOptions({
    queryKey: ["insights", projectId, "series", json],
    queryFn: ({ signal }) =>
      body(api.POST("/insights/{projectId}/series", { params: { path: { projectId } }, body: json as never, signal })),
    placeholderData: keepPreviousData,
    enabled: names.length > 0,
  });
};

export const funnel = (projectId: string, json: FunnelBody) =>
  queryOptions({
    queryKey: ["insights", projectId, "funnel", json],
    queryFn: ({ signal }) => body(api.POST("/insights/{projectId}/funnel", { params: { path: { projectId } }, body: json, signal })),
    placeholderData: keepPreviousData,
    enabled: json.steps.length > 1,
  });

export const funnelPeople = (projectId: string, json: FunnelBody, step: number, outcome: "converted" | "dropped") =>
  queryOptions({
    queryKey: ["insights", projectId, "funnel-people", json, step, outcome],
    queryFn: ({ signal }) => {
      const asked: Record<string, unknown> = { ...json, step, outcome, limit: 100 };
      delete asked["breakdown"]; // people are not split
      return body(api.POST("/insights/{projectId}/funnel/people", { params: { path: { projectId } }, body: asked as never, signal }));
    },
  });

export interface RetentionAsked {
  period: "day" | "week" | "month";
  mode: "on" | "on_or_after";
  cohort: "first" | "first_ever" | "recurring";
  startEvent?: string;
  returnEvent?: string;
}

export const retention = (projectId: string, view: View, asked: RetentionAsked) => {
  const query = { ...question(view), ...asked };
  return queryOptions({
    queryKey: ["insights", projectId, "retention", query],
    queryFn: ({ signal }) => body(api.GET("/insights/{projectId}/retention", { params: { path: { projectId }, query }, signal })),
    placeholderData: keepPreviousData,
  });
};

export const retentionPeople = (projectId: string, view: View, asked: RetentionAsked, date: string, index: number) => {
  const query = { ...question(view), ...asked, date, index, limit: 100 };
  return queryOptions({
    queryKey: ["insights", projectId, "retention-people", query],
    queryFn: ({ signal }) => body(api.GET("/insights/{projectId}/retention/people", { params: { path: { projectId }, query }, signal })),
  });
};

export interface PathsAsked {
  mode: "pages" | "events";
  depth: number;
  start?: string;
  end?: string;
  limit: number;
}

export const paths = (projectId: string, view: View, asked: PathsAsked) => {
  const query = { ...question(view), ...asked };
  return queryOptions({
    queryKey: ["insights", projectId, "paths", query],
    queryFn: ({ signal }) => body(api.GET("/insights/{projectId}/paths", { params: { path: { projectId }, query }, signal })),
    placeholderData: keepPreviousData,
  });
};

export const revenue = (projectId: string, view: View, dimension: string | undefined) => {
  const query = {
    ...compared(view),
    ...(dimension ? { dimension, limit: 10 } : { interval: view.interval ?? ("day" as Interval) }),
  };
  return queryOptions({
    queryKey: ["insights", projectId, "revenue", query],
    queryFn: ({ signal }) => body(api.GET("/insights/{projectId}/revenue", { params: { path: { projectId }, query }, signal })),
    placeholderData: keepPreviousData,
  });
};

export const cohorts = (projectId: string) =>
  queryOptions({
    queryKey: ["insights", projectId, "cohorts"],
    queryFn: ({ signal }) => body(api.GET("/insights/{projectId}/cohorts", { params: { path: { projectId } }, signal })),
  });

export const cohort = (projectId: string, id: string) =>
  queryOptions({
    queryKey: ["insights", projectId, "cohort", id],
    queryFn: ({ signal }) => body(api.GET("/insights/{projectId}/cohorts/{id}", { params: { path: { projectId, id } }, signal })),
  });

export const reports = (projectId: string) =>
  queryOptions({
    queryKey: ["manage", projectId, "reports"],
    queryFn: ({ signal }) => body(api.GET("/manage/projects/{projectId}/reports", { params: { path: { projectId } }, signal })),
  });

/** The answer to a saved question, over the span that is looked at. */
export const reportAnswer = (projectId: string, view: View, id: string) => {
  const query = span(view);
  return queryOptions({
    queryKey: ["insights", projectId, "report", id, query],
    queryFn: async ({ signal }) =>
      (await body(api.GET("/insights/{projectId}/reports/{id}", { params: { path: { projectId, id }, query }, signal }))) as { data: unknown },
    placeholderData: keepPreviousData,
  });
};

/** Keeps a question under a name; `parameters` or `body` as its route takes them. */
export function saveReport(projectId: string, report: { name: string; route: string; parameters?: Record<string, unknown>; body?: unknown }): Promise<unknown> {
  return send("POST", `manage/projects/${encodeURIComponent(projectId)}/reports`, report);
}

export type { Filter };
