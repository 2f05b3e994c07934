/** An open page keeps up with what is collected. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { metrics } from "@/api/queries";
import type { View } from "@/lib/view";

const EVERY = 30_000;
const EVERY_WHILE_EMPTY = 3_000;
const OVER = new Set(["yesterday", "lastMonth", "lastYear"]);

/** Asks all that is on the page again, but not of a time that is over; until the first event, only whether it has come. */
export function useFresh(projectId: string, view: View) {
  const client = useQueryClient();
  const empty = useQuery(metrics(projectId, view)).data?.data.total_events === 0;
  const { range = "", to } = view;
  useEffect(() => {
    if (OVER.has(range) || (to !== undefined && Date.parse(to) < Date.now() - 2 * 86_400_000)) return;
    const again = (only?: string) =>
      client.invalidateQueries({
        queryKey: ["insights", projectId],
        predicate: ({ queryKey }) => (only ? queryKey[2] === only : queryKey[2] !== "live"),
      });
    const timer = window.setInterval(
      () => { if (!document.hidden) void again(empty ? "metrics" : undefined); },
      empty ? EVERY_WHILE_EMPTY : EVERY,
    );
    return () => {
      window.clearInterval(timer);
      if (empty) void again();
    };
  }, [client, projectId, empty, range, to]);
}
