import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { goals, type Tile } from "@/api/kept";
import { reportAnswer } from "@/api/product";
import { eventNames, intervalOf, list, metrics, pages, timeseries, type Listed } from "@/api/queries";
import { BarList, type BarRow } from "@/charts/BarList";
import { LineChart } from "@/charts/LineChart";
import { Sparkline } from "@/charts/Sparkline";
import { CountryCode } from "@/ui/CountryCode";
import { Downloads } from "@/controls/Downloads";
import { useNames } from "@/controls/useNames";
import { kindOf, listOf, type ListOf } from "@/features/boards/names";
import { bucket, decimal, openBuckets, percent, short, whole } from "@/lib/format";
import { readMetric, shown, ticked, valueOf } from "@/lib/metrics";
import { listed, valueName } from "@/lib/names";
import { useFilters, useProjectId, useView } from "@/lib/search";
import { toggled } from "@/lib/view";
import { Delta } from "@/ui/Delta";
import { Empty, Failure, Skeleton } from "@/ui/states";

const BAR = 32;
const ROW = 68;
const HEAD = 56;

/** How many rows of a list fit into a tile. */
function fitting(tile: Tile): number {
  return Math.max(2, Math.floor((tile.height * ROW - 12 - HEAD) / BAR));
}

interface Props {
  tile: Tile;
  name: string;
}

export function TileBody({ tile, name }: Props) {
  const kind = kindOf(tile);
  if (kind === "number") return <NumberTile tile={tile} name={name} />;
  return (
    <>
      <header className="flex h-10 shrink-0 items-center gap-2 pr-1.5 pl-4">
        <h2 className="min-w-0 flex-1 truncate font-semibold">{name}</h2>
        <span className="opacity-0 transition-opacity group-focus-within:opacity-100 group-hover:opacity-100 pointer-coarse:opacity-100"><Downloads name={name} /></span>
      </header>
      <div className="min-h-0 flex-1 overflow-hidden px-2 pb-2">
        {kind === "chart" && <ChartTile tile={tile} name={name} />}
        {kind === "list" && <ListTile tile={tile} />}
        {kind === "goals" && <GoalsTile tile={tile} />}
        {kind === "report" && <ReportTile tile={tile} />}
      </div>
    </>
  );
}

function NumberTile({ tile, name }: Props) {
  const projectId = useProjectId();
  const view = useView();
  const metric = readMetric(tile.view["metric"]);
  const totals = useQuery(metrics(projectId, view));
  const series = useQuery(timeseries(projectId, view));
  const data = totals.data?.data;
  return (
    <div className="flex h-full min-h-0 flex-col overflow-hidden rounded-xl">
      <div className="px-4 pt-3">
        <h2 className="truncate text-xs text-muted">{name}</h2>
        <p className="flex h-8 items-baseline gap-2">
          {data ? (
            <>
              <span className="tabular text-xl leading-8 font-semibold tracking-[-0.02em]">{shown(metric, data[metric])}</span>
              <Delta value={data.change?.[metric]} inverse={metric === "bounce_rate"} />
            </>
          ) : (
            <Skeleton className="mt-1 h-6 w-20" />
          )}
        </p>
      </div>
      <div className="mt-auto">{series.data && <Sparkline active values={series.data.data.map((row) => valueOf(metric, row))} />}</div>
    </div>
  );
}

function ChartTile({ tile, name }: Props) {
  const metric = readMetric(tile.view["metric"]);
  const query = useQuery(timeseries(useProjectId(), useView()));
  const height = tile.height * ROW - 12 - 50;
  if (query.isError) return <Failure error={query.error} />;
  if (!query.data) return <Skeleton className="h-full" />;
  const { data: rows, meta } = query.data;
  const interval = intervalOf(meta);
  return (
    <LineChart
      label={name}
      height={height}
      labels={rows.map((row) => bucket(row.date, interval))}
      titles={rows.map((row) => bucket(row.date, interval, true))}
      titlesBefore={rows.map((row) => (row.previous ? bucket(row.previous.date, interval, true) : undefined))}
      lines={[{ name, values: rows.map((row) => valueOf(metric, row)), before: rows.some((row) => row.previous) ? rows.map((row) => valueOf(metric, row.previous)) : undefined }]}
      format={(value) => ticked(metric, value)}
      open={openBuckets(meta.to, interval) > 0 ? 1 : 0}
    />
  );
}

/** Rows of any of the lists, alike. */
function useRows(of: ListOf, limit: number): { rows: { value: string | null; count: number }[] | undefined; error: Error | null } {
  const projectId = useProjectId();
  const view = useView();
  const byPage = useQuery({ ...pages(projectId, view, "top", limit), enabled: of === "path" });
  const byName = useQuery({ ...eventNames(projectId, view, limit), enabled: of === "name" });
  const listed = useQuery({ ...list(projectId, view, (of === "path" || of === "name" ? "country" : of) as Listed, limit), enabled: of !== "path" && of !== "name" });
  if (of === "path") return { rows: byPage.data?.data.map((row) => ({ value: row.path, count: row.views })), error: byPage.error };
  if (of === "name") return { rows: byName.data?.data.map((row) => ({ value: row.name, count: row.count })), error: byName.error };
  return { rows: listed.data?.data.map((row) => ({ value: row.value, count: row.unique_visitors })), error: listed.error };
}

function ListTile({ tile }: { tile: Tile }) {
  const { t } = useTranslation();
  const [filters, setFilters] = useFilters();
  const of = listOf(tile);
  const names = useNames();
  const { rows, error } = useRows(of, 30 + (of === "name" ? Math.min(names.hiddenEvents, 400) : 0));
  if (error) return <Failure error={error} />;
  if (!rows) return <Skeleton className="h-full" />;
  if (rows.length === 0) return <Empty title={t("common.noData")} className="h-full" />;
  const active = (value: string | null) => filters.some((each) => each.name === of && each.value.map(String).includes(value ?? ""));
  const seen = of === "name" ? rows.filter((row) => listed(names, "event", row.value ?? "")) : rows;
  const bars = seen.slice(0, fitting(tile)).map((row): BarRow & { value: number } => {
    const text = valueName(t, of, row.value, names);
    return { key: row.value ?? "", text, label: <>{of === "country" && row.value && <CountryCode code={row.value} />}<span className="truncate">{text}</span></>, value: row.count, shown: short(row.count), active: active(row.value) };
  });
  return <BarList rows={bars} onPick={(row) => { setFilters(toggled(filters, of, row.key || null)); }} action={(row) => t("common.filterBy", { value: row.text })} />;
}

function GoalsTile({ tile }: { tile: Tile }) {
  const { t } = useTranslation();
  const query = useQuery(goals(useProjectId(), useView()));
  if (query.isError) return <Failure error={query.error} />;
  if (!query.data) return <Skeleton className="h-full" />;
  if (query.data.data.length === 0) return <Empty title={t("goals.none")} className="h-full">{t("goals.noneHint")}</Empty>;
  return (
    <ul className="px-2">
      {query.data.data.slice(0, fitting(tile)).map((each) => (
        <li key={each.id} className="flex h-8 items-center gap-3">
          <span className="min-w-0 flex-1 truncate">{each.name}</span>
          <span className="tabular text-xs text-muted">{whole(each.unique_conversions)}</span>
          <span className="tabular w-16 text-right font-semibold">{decimal(each.conversion_rate, 2)}%</span>
          <span className="w-12 text-right"><Delta value={each.change?.["conversion_rate"]} /></span>
        </li>
      ))}
    </ul>
  );
}

interface Saved {
  steps?: { name: string | null; count: number; conversion_rate: number }[];
  average?: (number | null)[];
}

/** The gist of a saved question: steps of a funnel, the average of retention. */
function ReportTile({ tile }: { tile: Tile }) {
  const { t } = useTranslation();
  const names = useNames();
  const query = useQuery(reportAnswer(useProjectId(), useView(), tile.report));
  if (query.isError) return <Failure error={query.error} />;
  if (!query.data) return <Skeleton className="h-full" />;
  const data = query.data.data as Saved;
  if (data.steps) {
    return <BarList rows={data.steps.slice(0, fitting(tile)).map((step, index) => ({ key: String(index), text: step.name ?? "", label: <span className="truncate">{step.name ? names.label("event", step.name) : t("funnels.anyEvent")}</span>, value: step.count, shown: percent(step.conversion_rate, 1) }))} />;
  }
  if (data.average) {
    const rows = data.average.flatMap((rate, index): BarRow[] => (rate === null ? [] : [{ key: String(index), text: String(index), label: <span>{index}</span>, value: rate, shown: percent(rate, 1) }]));
    return <BarList rows={rows.slice(0, fitting(tile))} />;
  }
  return (<Note>{t("boards.unfit")}</Note>);
}

function Note({ children }: { children: ReactNode }) {
  return <p className="flex h-full items-center justify-center p-4 text-center text-muted">{children}</p>;
}
