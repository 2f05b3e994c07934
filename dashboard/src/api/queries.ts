/** Questions as query options; each key holds every input. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { api, body } from "@/api/client";
import { compared, question, type Interval, type View } from "@/lib/view";


export const metrics = (projectId: string, view: View) => {
  const query = compared(view);
  return queryOptions({
    queryKey: ["insights", projectId, "metrics", query],
    queryFn: ({ signal }) =>
      body(api.GET("/insights/{projectId}/metrics", { params: { path: { projectId }, query }, signal })),
    placeholderData: keepPreviousData,
  });
};

export const timeseries = (projectId: string, view: View) => {
  const query = { ...compared(view), ...(view.interval ? { interval: view.interval } : {}) };
  return queryOptions({
    queryKey: ["insights", projectId, "timeseries", query],
    queryFn: ({ signal }) =>
      body(api.GET("/insights/{projectId}/timeseries", { params: { path: { projectId }, query }, signal })),
    placeholderData: keepPreviousData,
  });
};

export type PageMode = "top" | "entry" | "exit";

export const pages = (projectId: string, view: View, mode: PageMode, limit: number) => {
  const query = { ...question(view), mode, limit };
  return queryOptions({
    queryKey: ["insights", projectId, "pages", query],
    queryFn: ({ signal }) =>
      body(api.GET("/insights/{projectId}/pages", { params: { path: { projectId }, query }, signal })),
    placeholderData: keepPreviousData,
  });
};

/** Dimensions that have a list of their own, by route. */
export const LISTS = {
  referrers: ["referrer", "referrer_name", "referrer_type", "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"],
  devices: ["device", "browser", "browser_version", "os", "os_version", "brand", "model"],
  geo: ["country", "region", "city"],
} as const;
export type Listed = (typeof LISTS)[keyof typeof LISTS][number];

function routeOf(dimension: Listed): keyof typeof LISTS {
  const found = Object.entries(LISTS).find(([, all]) => (all as readonly string[]).includes(dimension));
  return (found?.[0] ?? "referrers") as keyof typeof LISTS;
}

export const list = (projectId: string, view: View, dimension: Listed, limit: number) => {
  const route = routeOf(dimension);
  const query = { ...question(view), dimension: dimension as never, limit };
  return queryOptions({
    queryKey: ["insights", projectId, route, query],
    queryFn: ({ signal }) =>
      body(api.GET(`/insights/{projectId}/${route}`, { params: { path: { projectId }, query }, signal })),
    placeholderData: keepPreviousData,
  });
};

export const eventNames = (projectId: string, view: View, limit = 100) => {
  const query = { ...question(view), limit };
  return queryOptions({
    queryKey: ["insights", projectId, "names", query],
    queryFn: ({ signal }) =>
      body(api.GET("/insights/{projectId}/events/names", { params: { path: { projectId }, query }, signal })),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
};

/** How often each name of events, and of how many people: unlike the picker's names, computed ahead. */
export const eventCounts = (projectId: string, view: View, limit: number) => {
  const query = { ...question(view), dimension: "name", metrics: "total_events,unique_visitors", limit };
  return queryOptions({
    queryKey: ["insights", projectId, "breakdown", query],
    queryFn: async ({ signal }) => {
      const { data } = await body(
        api.GET("/insights/{projectId}/breakdown", { params: { path: { projectId }, query }, signal }),
      );
      const rows = data as { values: [string]; total_events: number }[];
      return rows.map((row) => ({ name: row.values[0], count: row.total_events }));
    },
    placeholderData: keepPreviousData,
  });
};

export const live = (projectId: string) =>
  queryOptions({
    queryKey: ["insights", projectId, "live"],
    queryFn: ({ signal }) => body(api.GET("/insights/{projectId}/live", { params: { path: { projectId } }, signal })),
  });

export const propertyKeys = (projectId: string, view: View, of: "event" | "profile" = "event") => {
  const query = { ...question({ ...view, filters: [] }), of };
  return queryOptions({
    queryKey: ["insights", projectId, "properties", query],
    queryFn: ({ signal }) =>
      body(api.GET("/insights/{projectId}/properties", { params: { path: { projectId }, query }, signal })),
    staleTime: 60_000,
  });
};

export const propertyValues = (projectId: string, view: View, name: string, search: string) => {
  const query = { ...question({ ...view, filters: [] }), name, limit: 30, ...(search ? { search } : {}) };
  return queryOptions({
    queryKey: ["insights", projectId, "values", query],
    queryFn: ({ signal }) =>
      body(api.GET("/insights/{projectId}/property-values", { params: { path: { projectId }, query }, signal })),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
};

export function intervalOf(meta: { interval?: string | null | undefined }): Interval {
  return (meta.interval ?? "day") as Interval;
}

/** Whether a project has any event at all; asked again until it has. */
export const firstEvent = (projectId: string) =>
  queryOptions({
    queryKey: ["insights", projectId, "first"],
    queryFn: async ({ signal }) => {
      const query = { range: "12m", limit: 1 } as const;
      const answer = await body(api.GET("/insights/{projectId}/events", { params: { path: { projectId }, query }, signal }));
      return { arrived: answer.data.length > 0 };
    },
    refetchInterval: (query) => (query.state.data?.arrived ? false : 2_000),
  });
