import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { names, type ShownName } from "@/api/names";
import type { Names } from "@/lib/names";
import { useProjectId } from "@/lib/search";
import { shared } from "@/lib/shared";

const NONE: readonly ShownName[] = [];

function read(rows: readonly ShownName[]): Names {
  const known = new Map(rows.map((row) => [`${row.kind} ${row.name}`, row]));
  return {
    label: (kind, name) => known.get(`${kind} ${name}`)?.label || name,
    hidden: (kind, name) => known.get(`${kind} ${name}`)?.hidden ?? false,
    sent: (kind, typed) => (known.has(`${kind} ${typed}`) ? typed : (rows.find((row) => row.kind === kind && row.label === typed)?.name ?? typed)),
    hiddenEvents: rows.filter((row) => row.kind === "event" && row.hidden).length,
  };
}

/** How the project shows its events and properties. `ready`: that is known, or cannot be. */
export function useNames(): Names & { ready: boolean } {
  const projectId = useProjectId();
  // Who looks through a shared link was told with it.
  const query = useQuery({ ...names(projectId), enabled: projectId !== "" && shared() === null });
  const rows = query.data?.data ?? NONE;
  const ready = !query.isLoading || query.failureCount > 0;
  return useMemo(() => ({ ...read(rows), ready }), [rows, ready]);
}
