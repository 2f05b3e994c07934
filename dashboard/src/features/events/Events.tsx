import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Activity } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { eventSeries } from "@/api/product";
import { eventNames, intervalOf } from "@/api/queries";
import { LineChart } from "@/charts/LineChart";
import { Downloads, ExportLink } from "@/controls/Downloads";
import { FilterBar } from "@/controls/FilterBar";
import { Stream } from "@/controls/Stream";
import { useNames } from "@/controls/useNames";
import { ViewControls } from "@/controls/ViewControls";
import { ago, bucket, dateTime, short, whole } from "@/lib/format";
import { listed } from "@/lib/names";
import { useAddress, useFilters, useProjectId, useView } from "@/lib/search";
import { toggled } from "@/lib/view";
import { SearchField } from "@/ui/fields";
import { Card, Page } from "@/ui/Page";
import { Segmented } from "@/ui/Segmented";
import { Empty, Failure, Skeleton } from "@/ui/states";
import { Table } from "@/ui/Table";

const COLORS = ["var(--c1)", "var(--c2)", "var(--c3)", "var(--c4)", "var(--c5)"];

export function Events() {
  const { t } = useTranslation();
  const [search, change] = useAddress();
  const tab = search.tab === "stream" ? "stream" : "names";
  return (
    <Page
      title={t("events.title")}
      controls={<>{tab === "stream" && <ExportLink what="events" />}<ViewControls /></>}
      below={<FilterBar />}
      aside={
        <Segmented
          label={t("events.title")}
          value={tab}
          options={[
            { value: "names", label: t("events.names") },
            { value: "stream", label: t("events.stream") },
          ]}
          onChange={(each) => { change({ tab: each === "names" ? undefined : each }); }}
        />
      }
    >
      {tab === "names" ? <Names /> : <Card><Stream /></Card>}
    </Page>
  );
}

function Names() {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const view = useView();
  const [filters, setFilters] = useFilters();
  const names = useQuery(eventNames(projectId, view, 500));
  const shown = useNames();
  const [wanted, setWanted] = useState("");
  const find = (typed: string) => (shown.ready ? names.data?.data.filter((row) => listed(shown, "event", row.name, typed)) : undefined);
  const found = find(wanted.trim().toLowerCase());
  const top = (find("") ?? []).slice(0, 5).map((row) => row.name);
  const series = useQuery(eventSeries(projectId, view, top));
  const interval = series.data ? intervalOf(series.data.meta) : "day";
  const dates = series.data?.data.dates ?? [];
  const total = (names.data?.data ?? []).reduce((sum, row) => sum + row.count, 0);
  return (
    <div className="flex flex-col gap-3">
      <Card title={t("events.over")} controls={<Downloads name={t("events.over")} sheet={() => [["date", ...top], dates.map((date, index) => [date, ...(series.data?.data.lines ?? []).map((line) => line.points[index])])]} />}>
        <div className="p-3">
          {series.isError ? (
            <Failure error={series.error} className="h-[264px]" />
          ) : series.data ? (
            <LineChart
              label={t("events.over")}
              labels={dates.map((date) => bucket(date, interval))}
              titles={dates.map((date) => bucket(date, interval, true))}
              lines={series.data.data.lines.map((line, index) => ({ name: shown.label("event", line.name), values: line.points, color: COLORS[index % COLORS.length] ?? "var(--c1)" }))}
              format={short}
            />
          ) : (
            <Skeleton className="h-[264px]" />
          )}
        </div>
      </Card>
      <Card
        title={t("events.names")}
        controls={
          <>
            <SearchField label={t("common.search")} className="w-36 sm:w-48" value={wanted} onChange={(event) => { setWanted(event.target.value); }} />
            <Downloads name={t("events.names")} picture={false} sheet={() => [[t("dim.name"), t("names.label"), t("events.count"), t("events.last")], (names.data?.data ?? []).map((row) => [row.name, shown.label("event", row.name), row.count, row.last_seen])]} />
          </>
        }
      >
        {names.isError && <Failure error={names.error} onRetry={() => void names.refetch()} />}
        {names.data?.data.length === 0 ? (
          <Empty title={t("events.none")} icon={<Activity className="size-4" aria-hidden />}>{t("common.noDataHint")}</Empty>
        ) : (
          <Table
            label={t("events.names")}
            rows={found}
            dim={names.isPlaceholderData}
            id={(row) => row.name}
            columns={[
              {
                key: "name",
                name: t("dim.name"),
                className: "w-full",
                cell: (row) => (
                  <span className="flex items-center gap-2.5">
                    <span aria-hidden className="size-2 rounded-full" style={{ background: COLORS[top.indexOf(row.name)] ?? "var(--line-strong)" }} />
                    <button type="button" className="truncate font-medium hover:underline" title={t("common.filterBy", { value: row.name })} onClick={() => { setFilters(toggled(filters, "name", row.name)); }}>
                      {shown.label("event", row.name)}
                    </button>
                  </span>
                ),
              },
              { key: "share", name: "", wide: true, cell: (row) => <span aria-hidden className="block h-1.5 w-40 rounded-full bg-hover"><span className="block h-full rounded-full bg-accent" style={{ width: `${(row.count / Math.max(1, total)) * 100}%` }} /></span> },
              { key: "count", name: t("events.count"), right: true, cell: (row) => whole(row.count) },
              { key: "last", name: t("events.last"), right: true, cell: (row) => <span className="text-muted" title={dateTime(row.last_seen)}>{ago(row.last_seen)}</span> },
            ]}
          />
        )}
        <Hidden count={shown.hiddenEvents} />
      </Card>
    </div>
  );
}

/** How many names the list leaves out, and where that is changed. */
function Hidden({ count }: { count: number }) {
  const { t } = useTranslation();
  const projectId = useProjectId();
  if (count === 0) return null;
  return (
    <p className="border-t border-line px-4 py-2.5 text-muted">
      {t("names.left", { count })}{" "}
      <Link className="text-accent underline" to="/p/$projectId/settings" params={{ projectId }} search={{ tab: "names" }}>{t("project.tabs.names")}</Link>
    </p>
  );
}
