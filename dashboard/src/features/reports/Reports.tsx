import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Bookmark, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";

import { send } from "@/api/client";
import { reports } from "@/api/product";
import { ago } from "@/lib/format";
import { useProjectId, type Search } from "@/lib/search";
import { RANGES, type Filter } from "@/lib/view";
import { IconButton } from "@/ui/Button";
import { Card, Page } from "@/ui/Page";
import { Empty, Failure, Skeleton } from "@/ui/states";

interface Saved {
  id: string;
  name: string;
  route: string;
  parameters?: unknown;
  body?: unknown;
  updated_at: string;
}

type Named = Record<string, unknown>;

function record(value: unknown): Named {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Named) : {};
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value ? value : undefined;
}

function filtersOf(value: unknown): Filter[] | undefined {
  const parsed: unknown = typeof value === "string" ? JSON.parse(value || "[]") : value;
  return Array.isArray(parsed) && parsed.length > 0 ? (parsed as Filter[]) : undefined;
}

/** The address under which a saved question is built on its page. */
function address(report: Saved): { page: string; search: Search } | null {
  const asked = { ...record(report.parameters), ...record(report.body) };
  const range = RANGES.find((each) => each === asked["range"]);
  const common = { range, from: text(asked["startDate"]), to: text(asked["endDate"]), filters: filtersOf(asked["filters"]) };
  const clean = (search: Named) => JSON.parse(JSON.stringify(search)) as Search;
  if (report.route === "funnel" && Array.isArray(asked["steps"])) {
    const steps = asked["steps"].map((each: unknown) => {
      const page = filtersOf(record(each)["filters"])?.find((filter) => filter.name === "path")?.value[0];
      return { event: text(record(each)["name"]), page: text(page) };
    });
    const seconds = asked["windowSeconds"];
    const window = seconds === null ? "none" : String(seconds ?? 86400);
    return { page: "funnels", search: clean({ ...common, steps, window, order: asked["order"], by: asked["by"], breakdown: asked["breakdown"] }) };
  }
  if (report.route === "retention") {
    return { page: "retention", search: clean({ ...common, period: asked["period"], mode: asked["mode"], cohort: asked["cohort"], start: asked["startEvent"], end: asked["returnEvent"] }) };
  }
  if (report.route === "paths") {
    return { page: "paths", search: clean({ ...common, mode: asked["mode"], depth: asked["depth"], start: asked["start"], end: asked["end"] }) };
  }
  return null;
}

export function Reports() {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const client = useQueryClient();
  const query = useQuery(reports(projectId));
  const remove = useMutation({
    mutationFn: (id: string) => send("DELETE", `manage/projects/${encodeURIComponent(projectId)}/reports/${id}`),
    onSuccess: () => client.invalidateQueries({ queryKey: ["manage", projectId, "reports"] }),
  });
  return (
    <Page title={t("reports.title")}>
      <Card>
        {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
        {remove.isError && <p role="alert" className="p-3 text-bad">{remove.error.message}</p>}
        {query.isPending && <Skeleton className="m-4 h-32" />}
        {query.data?.data.length === 0 && (
          <Empty title={t("reports.none")} icon={<Bookmark className="size-4" aria-hidden />} className="min-h-64">{t("reports.noneHint")}</Empty>
        )}
        <ul className="divide-y divide-line">
          {query.data?.data.map((each) => {
            const there = address(each);
            return (
              <li key={each.id} className="flex h-12 items-center gap-3 pr-2 pl-4 hover:bg-hover">
                <Bookmark className="size-4 text-muted" aria-hidden />
                {there ? (
                  <Link to={`/p/$projectId/${there.page}` as "/p/$projectId/funnels"} params={{ projectId }} search={there.search} className="min-w-0 flex-1 truncate font-medium hover:underline">{each.name}</Link>
                ) : (
                  <span className="min-w-0 flex-1 truncate font-medium">{each.name}</span>
                )}
                <span className="hidden text-xs text-muted sm:inline">{each.route}</span>
                <span className="text-xs text-muted">{t("reports.updated", { when: ago(each.updated_at) })}</span>
                <IconButton label={`${t("common.delete")}: ${each.name}`} onClick={() => { if (window.confirm(t("reports.confirmDelete", { name: each.name }))) remove.mutate(each.id); }}>
                  <Trash2 className="size-4" aria-hidden />
                </IconButton>
              </li>
            );
          })}
        </ul>
      </Card>
    </Page>
  );
}
