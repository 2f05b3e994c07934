/** What a project keeps beside its numbers: goals, segments, annotations, dashboards. And the questions about goals. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { api, body, send } from "@/api/client";
import type { components } from "@/api/schema";
import { compared, question, type Interval, type View } from "@/lib/view";

export type Goal = components["schemas"]["GoalConversions"];
export type Annotation = components["schemas"]["Annotation"];

const place = (projectId: string) => `manage/projects/${encodeURIComponent(projectId)}`;

export const goals = (projectId: string, view: View) => {
  const query = compared(view);
  return queryOptions({
    queryKey: ["insights", projectId, "goals", query],
    queryFn: ({ signal }) => body(api.GET("/insights/{projectId}/goals", { params: { path: { projectId }, query }, signal })),
    placeholderData: keepPreviousData,
  });
};

export const goal = (projectId: string, view: View, id: string, dimension: string) => {
  const query = { ...compared(view), dimension, limit: 20, interval: view.interval ?? ("day" as Interval) };
  return queryOptions({
    queryKey: ["insights", projectId, "goal", id, query],
    queryFn: ({ signal }) => body(api.GET("/insights/{projectId}/goals/{id}", { params: { path: { projectId, id }, query }, signal })),
    placeholderData: keepPreviousData,
  });
};

export function addGoal(projectId: string, json: { name: string; event?: string; page?: string }): Promise<unknown> {
  return send("POST", `insights/${encodeURIComponent(projectId)}/goals`, json);
}

export function removeGoal(projectId: string, id: string): Promise<unknown> {
  return send("DELETE", `insights/${encodeURIComponent(projectId)}/goals/${id}`);
}

export const MODELS = ["first", "last", "last_non_direct"] as const;
export type Model = (typeof MODELS)[number];

export interface Credited {
  event?: string;
  goal?: string;
  model: Model;
  dimension: string;
  lookbackDays: number;
}

export const attribution = (projectId: string, view: View, asked: Credited) => {
  const query = { ...compared(view), ...asked, limit: 50 };
  return queryOptions({
    queryKey: ["insights", projectId, "attribution", query],
    queryFn: ({ signal }) => body(api.GET("/insights/{projectId}/attribution", { params: { path: { projectId }, query }, signal })),
    placeholderData: keepPreviousData,
    enabled: Boolean(asked.event ?? asked.goal),
  });
};

export const SPECIALS = ["web-vitals", "errors", "scroll-depth", "downloads", "outgoing-links", "not-found"] as const;
export type Special = (typeof SPECIALS)[number];

/** A report on events of a fixed name; `series` asks for its numbers over time. */
export const special = (projectId: string, view: View, which: Special, more: { dimension?: string; series?: boolean } = {}) => {
  const query = {
    ...(more.series ? question(view) : compared(view)),
    ...(more.dimension ? { dimension: more.dimension } : {}),
    ...(more.series ? { interval: view.interval ?? ("day" as Interval) } : {}),
    limit: 50,
  };
  return queryOptions({
    queryKey: ["insights", projectId, which, query],
    queryFn: ({ signal }) => body(api.GET(`/insights/{projectId}/${which}`, { params: { path: { projectId }, query }, signal })),
    placeholderData: keepPreviousData,
  });
};

export const annotations = (projectId: string) =>
  queryOptions({
    queryKey: ["manage", projectId, "annotations"],
    queryFn: ({ signal }) => body(api.GET("/manage/projects/{projectId}/annotations", { params: { path: { projectId } }, signal })),
    staleTime: 60_000,
  });

export function addAnnotation(projectId: string, json: { at: string; text: string }): Promise<unknown> {
  return send("POST", `${place(projectId)}/annotations`, json);
}

export function removeAnnotation(projectId: string, id: string): Promise<unknown> {
  return send("DELETE", `${place(projectId)}/annotations/${id}`);
}

export const segments = (projectId: string) =>
  queryOptions({
    queryKey: ["manage", projectId, "segments"],
    queryFn: ({ signal }) => body(api.GET("/manage/projects/{projectId}/segments", { params: { path: { projectId } }, signal })),
    staleTime: 60_000,
  });

export function addSegment(projectId: string, json: { name: string; filters: unknown }): Promise<unknown> {
  return send("POST", `${place(projectId)}/segments`, json);
}

export function removeSegment(projectId: string, id: string): Promise<unknown> {
  return send("DELETE", `${place(projectId)}/segments/${id}`);
}

/** A tile on twelve columns; rows are as high as `ROW` of the page that draws them. */
export interface Tile {
  x: number;
  y: number;
  width: number;
  height: number;
  title: string;
  report: string;
  view: Record<string, unknown>;
}

export interface Board {
  id: string;
  name: string;
  tiles: Tile[];
}

export const boards = (projectId: string) =>
  queryOptions({
    queryKey: ["manage", projectId, "dashboards"],
    queryFn: async () => (await send<{ data: Board[] }>("GET", `${place(projectId)}/dashboards`)).data,
  });

export async function saveBoard(projectId: string, board: { id?: string; name: string; tiles: Tile[] }): Promise<Board> {
  const { id, ...json } = board;
  const path = `${place(projectId)}/dashboards`;
  const answer = id ? await send<{ data: Board }>("PATCH", `${path}/${id}`, json) : await send<{ data: Board }>("POST", path, json);
  return answer.data;
}

export function removeBoard(projectId: string, id: string): Promise<unknown> {
  return send("DELETE", `${place(projectId)}/dashboards/${id}`);
}
