import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";

import { shared } from "@/lib/shared";
import { readView, type Filter, type View } from "@/lib/view";

/** Everything that an address may hold behind its question mark. Pages read their own keys from it. */
export interface Search extends View {
  metric?: string;
  tab?: string;
  event?: string;
  id?: string;
  search?: string;
  sort?: string;
  who?: string;
  steps?: unknown;
  window?: string;
  order?: string;
  by?: string;
  breakdown?: string;
  period?: string;
  mode?: string;
  cohort?: string;
  start?: string;
  end?: string;
  depth?: number;
  currency?: string;
  next?: string;
  problem?: string;
  provider?: string;
}

export function readSearch(search: Record<string, unknown>): Search {
  return search;
}

export function useProjectId(): string {
  const { projectId } = useParams({ strict: false });
  return projectId ?? shared()?.projectId ?? "";
}

/** The address's keys, and a function that changes some of them; `undefined` takes a key away. */
export function useAddress(): [Search, (patch: { [Key in keyof Search]?: Search[Key] | undefined }, replace?: boolean) => void] {
  const search: Search = useSearch({ strict: false });
  const navigate = useNavigate();
  const change = useCallback(
    (patch: { [Key in keyof Search]?: Search[Key] | undefined }, replace = false) => {
      void navigate({ to: ".", search: (before: Search) => ({ ...before, ...patch }) as Search, replace, resetScroll: false });
    },
    [navigate],
  );
  return [search, change];
}

/** What is looked at. */
export function useView(): View {
  const search: Search = useSearch({ strict: false });
  return useMemo(() => readView(search as Record<string, unknown>), [search]);
}

/** The part of an address that stays when one goes to another page of the project. */
export function kept(search: Search): Search {
  const { range, from, to, compare, filters } = search;
  return JSON.parse(JSON.stringify({ range, from, to, compare, filters })) as Search;
}

export function useFilters(): [Filter[], (filters: Filter[] | undefined) => void] {
  const view = useView();
  const [, change] = useAddress();
  return [view.filters ?? [], (filters) => { change({ filters: filters?.length ? filters : undefined }); }];
}
