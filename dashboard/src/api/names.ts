/** What a project calls its events and properties, and which of them lists leave out. */

import { queryOptions } from "@tanstack/react-query";

import { api, body } from "@/api/client";
import type { components } from "@/api/schema";

export type ShownName = components["schemas"]["ShownName"];
export type NameKind = ShownName["kind"];
export type NameChange = components["schemas"]["NameChange"];

/** Read once for each project; whoever changes one asks again. */
export const names = (projectId: string) =>
  queryOptions({
    queryKey: ["manage", projectId, "names"],
    queryFn: ({ signal }) => body(api.GET("/manage/projects/{projectId}/names", { params: { path: { projectId } }, signal })),
    staleTime: 300_000,
  });

export const setName = (projectId: string, change: NameChange) =>
  body(api.PATCH("/manage/projects/{projectId}/names", { params: { path: { projectId } }, body: change }));

export const resetName = (projectId: string, kind: NameKind, name: string) =>
  body(api.DELETE("/manage/projects/{projectId}/names", { params: { path: { projectId }, query: { kind, name } } }));
