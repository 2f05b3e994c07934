/** Recordings of sessions, as questions. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { api, body } from "@/api/client";
import { span, type View } from "@/lib/view";

const MOST_PAGES = 50;

export const recordings = (projectId: string, view: View) => {
  const query = { ...span(view), limit: 100 };
  return queryOptions({
    queryKey: ["insights", projectId, "replays", query],
    queryFn: ({ signal }) => body(api.GET("/insights/{projectId}/replays", { params: { path: { projectId }, query }, signal })),
    placeholderData: keepPreviousData,
  });
};

/** All events of a recording, in order; pieces that are no JSON are left out. */
export const recording = (projectId: string, id: string) =>
  queryOptions({
    queryKey: ["insights", projectId, "replay", id],
    staleTime: Infinity,
    gcTime: 60_000, // megabytes
    queryFn: async ({ signal }) => {
      const events: unknown[] = [];
      let cursor: string | null = null;
      for (let page = 0; page < MOST_PAGES; page++) {
        const query: { cursor?: string } = cursor ? { cursor } : {};
        const answer = await body(api.GET("/insights/{projectId}/replays/{id}", { params: { path: { projectId, id }, query }, signal }));
        for (const piece of answer.data) {
          try {
            const read: unknown = JSON.parse(piece.payload);
            if (Array.isArray(read)) events.push(...(read as unknown[]));
          } catch {
            // a sender's mistake
          }
        }
        cursor = answer.meta.next_cursor;
        if (!cursor) break;
      }
      return events;
    },
  });
