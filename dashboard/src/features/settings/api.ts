import { queryOptions } from "@tanstack/react-query";

import { api, body, send } from "@/api/client";
import type { components } from "@/api/schema";

export type Client = components["schemas"]["ClientRow"];
export type ClientType = "write" | "read" | "root";

const path = (projectId: string) => `manage/projects/${encodeURIComponent(projectId)}`;

export const project = (projectId: string) =>
  queryOptions({
    queryKey: ["manage", projectId, "project"],
    queryFn: () => body(api.GET("/manage/projects/{projectId}", { params: { path: { projectId } } })),
  });

export const clients = (projectId: string) =>
  queryOptions({
    queryKey: ["manage", projectId, "clients"],
    queryFn: () => body(api.GET("/manage/projects/{projectId}/clients", { params: { path: { projectId } } })),
  });

export const filters = (projectId: string) =>
  queryOptions({
    queryKey: ["manage", projectId, "filters"],
    queryFn: () => body(api.GET("/manage/projects/{projectId}/filters", { params: { path: { projectId } } })),
  });

export const excluded = (projectId: string) =>
  queryOptions({
    queryKey: ["insights", projectId, "excluded"],
    queryFn: () => body(api.GET("/insights/{projectId}/excluded", { params: { path: { projectId }, query: { range: "30d" } } })),
  });

export const changeProject = (projectId: string, change: Record<string, unknown>) => send("PATCH", path(projectId), change);

interface WithSecret {
  data: { id: string; secret: string };
}

export const addClient = (projectId: string, client: { type: ClientType; name: string; origins: string[] }) =>
  send<WithSecret>("POST", `${path(projectId)}/clients`, client);

export const changeClient = (projectId: string, id: string, change: Record<string, unknown>) => send("PATCH", `${path(projectId)}/clients/${id}`, change);
export const rotateClient = (projectId: string, id: string) => send<WithSecret>("POST", `${path(projectId)}/clients/${id}/rotate`, { grace_seconds: 3600 });
export const revokeClient = (projectId: string, id: string) => send("DELETE", `${path(projectId)}/clients/${id}`);
export const addFilter = (projectId: string, filter: { kind: string; value: string; note: string }) => send("POST", `${path(projectId)}/filters`, filter);
export const removeFilter = (projectId: string, id: string) => send("DELETE", `${path(projectId)}/filters/${id}`);
