import { useQuery } from "@tanstack/react-query";
import { ChevronDown } from "lucide-react";
import { useTranslation } from "react-i18next";

import { intervalOf, metrics, timeseries } from "@/api/queries";
import { LineChart } from "@/charts/LineChart";
import { Sparkline } from "@/charts/Sparkline";
import { Downloads } from "@/controls/Downloads";
import { Notes, useNotes } from "@/features/overview/Notes";
import { METRICS, readMetric, shown, ticked, valueOf, type Metric } from "@/lib/metrics";
import { cx } from "@/lib/classes";
import { bucket, openBuckets } from "@/lib/format";
import { useAddress, useProjectId, useView } from "@/lib/search";
import { INTERVALS, type Interval } from "@/lib/view";
import { Button } from "@/ui/Button";
import { Delta } from "@/ui/Delta";
import { Menu, MenuItem, MenuLabel } from "@/ui/Menu";
import { Failure, Skeleton } from "@/ui/states";

/** The six numbers, and the chosen one over time. */
export function Headline() {
  const projectId = useProjectId();
  const view = useView();
  const [search, change] = useAddress();
  const metric = readMetric(search.metric);
  const totals = useQuery(metrics(projectId, view));
  const series = useQuery(timeseries(projectId, view));
  return (
    <section className="card overflow-hidden">
      <MetricCards
        chosen={metric}
        totals={totals.data?.data}
        rows={series.data?.data}
        onChoose={(each) => { change({ metric: each === "unique_visitors" ? undefined : each }, true); }}
      />
      <div className="px-2 pt-2 pb-2 sm:px-3">
        <ChartHead metric={metric} interval={series.data ? intervalOf(series.data.meta) : undefined} rows={series.data?.data} />
        {series.isError ? (
          <Failure error={series.error} onRetry={() => void series.refetch()} className="h-[264px]" />
        ) : series.data ? (
          <div className={cx("transition-opacity", series.isPlaceholderData && "opacity-50")}>
            <Chart metric={metric} rows={series.data.data} interval={intervalOf(series.data.meta)} meta={series.data.meta} />
          </div>
        ) : (
          <Skeleton className="mx-1 mt-3 mb-6 h-[234px]" />
        )}
      </div>
    </section>
  );
}

type Totals = Awaited<ReturnType<NonNullable<ReturnType<typeof metrics>["queryFn"]>>>["data"];
type Rows = Awaited<ReturnType<NonNullable<ReturnType<typeof timeseries>["queryFn"]>>>["data"];

interface CardsProps {
  chosen: Metric;
  totals: Totals | undefined;
  rows: Rows | undefined;
  onChoose: (metric: Metric) => void;
}

function MetricCards({ chosen, totals, rows, onChoose }: CardsProps) {
  const { t } = useTranslation();
  return (
    <div role="group" aria-label={t("metric.choose")} className="grid grid-cols-2 border-b border-line sm:grid-cols-3 lg:grid-cols-6">
      {METRICS.map((metric) => {
        const on = metric === chosen;
        const before = totals?.previous?.[metric];
        return (
          <button
            key={metric}
            type="button"
            aria-pressed={on}
            onClick={() => { onChoose(metric); }}
            className={cx(
              "relative -mb-px flex min-w-0 flex-col gap-0.5 border-r border-b border-line px-4 pt-3 pb-0 text-left transition-colors focus-visible:-outline-offset-2",
              on ? "bg-surface" : "hover:bg-hover",
            )}
          >
            {on && <span aria-hidden className="absolute inset-x-0 top-0 h-0.5 bg-accent" />}
            <span className={cx("truncate text-xs", on ? "font-medium text-accent" : "text-muted")}>{t(`metric.${metric}`)}</span>
            <span className="flex h-8 items-baseline gap-2">
              {totals ? (
                <>
                  <span className="tabular text-xl leading-8 font-semibold tracking-[-0.02em]">{shown(metric, totals[metric])}</span>
                  <span title={before === undefined ? undefined : t("metric.was", { value: shown(metric, before) })}>
                    <Delta value={totals.change?.[metric]} inverse={metric === "bounce_rate"} />
                  </span>
                </>
              ) : (
                <Skeleton className="mt-1 h-6 w-20" />
              )}
            </span>
            <span className="-mx-4 block h-7">
              {rows && <Sparkline values={rows.map((row) => valueOf(metric, row))} active={on} />}
            </span>
          </button>
        );
      })}
    </div>
  );
}

function ChartHead({ metric, interval, rows }: { metric: Metric; interval: Interval | undefined; rows: Rows | undefined }) {
  const { t } = useTranslation();
  const view = useView();
  const [, change] = useAddress();
  return (
    <div className="flex h-8 items-center gap-1 pl-2">
      <h2 className="sr-only">{t("overview.chart", { metric: t(`metric.${metric}`) })}</h2>
      <span className="mr-auto text-xs text-muted" aria-hidden>
        {t(`metric.${metric}`)}
      </span>
      <Notes />
      <Downloads name={t("overview.chart", { metric: t(`metric.${metric}`) })} sheet={() => [["date", ...METRICS, ...METRICS.map((each) => `previous.${each}`)], (rows ?? []).map((row) => [row.date, ...METRICS.map((each) => valueOf(each, row)), ...METRICS.map((each) => (row.previous ? valueOf(each, row.previous) : null))])]} />
      <Menu
        trigger={
          <Button look="quiet" className="h-7 text-xs" aria-label={`${t("view.interval")}: ${interval ? t(`view.per.${interval}`) : ""}`}>
            {interval ? t(`view.per.${interval}`) : <Skeleton className="h-3 w-12" />}
            <ChevronDown className="size-3.5" aria-hidden />
          </Button>
        }
      >
        <MenuLabel>{t("view.interval")}</MenuLabel>
        <MenuItem checked={!view.interval} onSelect={() => { change({ interval: undefined }); }}>
          {t("view.auto")}
        </MenuItem>
        {INTERVALS.map((each) => (
          <MenuItem key={each} checked={view.interval === each} onSelect={() => { change({ interval: each }); }}>
            {t(`view.intervals.${each}`)}
          </MenuItem>
        ))}
      </Menu>
    </div>
  );
}

function Chart({ metric, rows, interval, meta }: { metric: Metric; rows: Rows; interval: Interval; meta: { from: string; to: string; timezone: string } }) {
  const { t } = useTranslation();
  const notes = useNotes(rows.map((row) => row.date), meta);
  const open = Math.min(rows.length - 1, openBuckets(meta.to, interval));
  const before = rows.some((row) => row.previous) ? rows.map((row) => valueOf(metric, row.previous)) : undefined;
  const shownRows = open > 1 ? rows.slice(0, rows.length - open + 1) : rows;
  const values: (number | null)[] = shownRows.map((row) => valueOf(metric, row));
  return (
    <LineChart
      label={t("overview.chart", { metric: t(`metric.${metric}`) })}
      labels={shownRows.map((row) => bucket(row.date, interval))}
      titles={shownRows.map((row) => bucket(row.date, interval, true))}
      titlesBefore={shownRows.map((row) => (row.previous ? bucket(row.previous.date, interval, true) : undefined))}
      lines={[{ name: t(`metric.${metric}`), values, before: before?.slice(0, shownRows.length) }]}
      format={(value) => ticked(metric, value)}
      open={open > 0 ? 1 : 0}
      notes={notes.filter((note) => note.index < shownRows.length)}
    />
  );
}
