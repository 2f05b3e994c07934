/** Share links: kept by members, opened by anybody. */

import { queryOptions } from "@tanstack/react-query";

import { api, body } from "@/api/client";
import type { components } from "@/api/schema";

export type ShareLink = components["schemas"]["ShareRow"];
export type OpenedShare = components["schemas"]["OpenedShare"];

export const shareLinks = (projectId: string) =>
  queryOptions({
    queryKey: ["manage", projectId, "shares"],
    queryFn: () => body(api.GET("/manage/projects/{projectId}/shares", { params: { path: { projectId } } })),
  });

export const addShare = (projectId: string, share: components["schemas"]["NewShare"]) =>
  body(api.POST("/manage/projects/{projectId}/shares", { params: { path: { projectId } }, body: share }));

export const removeShare = (projectId: string, shareId: string) =>
  body(api.DELETE("/manage/projects/{projectId}/shares/{shareId}", { params: { path: { projectId, shareId } } }));

export const openShare = (token: string, password: string) => body(api.POST("/shares/open", { body: { token, password } }));
