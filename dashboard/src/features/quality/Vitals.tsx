import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { special } from "@/api/kept";
import { intervalOf } from "@/api/queries";
import { LineChart } from "@/charts/LineChart";
import { Downloads } from "@/controls/Downloads";
import { Nothing, number, type Row } from "@/features/quality/rows";
import { cx } from "@/lib/classes";
import { bucket, decimal, whole } from "@/lib/format";
import { useAddress, useProjectId, useView } from "@/lib/search";
import { Card } from "@/ui/Page";
import { Failure, Skeleton } from "@/ui/states";
import { Table } from "@/ui/Table";

const VITALS = ["LCP", "INP", "CLS", "FCP", "TTFB"] as const;
type Vital = (typeof VITALS)[number];

const COLORS = { good: "bg-live", needs_improvement: "bg-warn", poor: "bg-bad" } as const;
const WORDS = { good: "text-good", needs_improvement: "text-warn", poor: "text-bad" } as const;
type Rating = keyof typeof COLORS;

function shown(vital: string, value: number | null): string {
  if (value === null) return "–";
  if (vital === "CLS") return decimal(value, 2);
  return value >= 1000 ? `${decimal(value / 1000, 2)} s` : `${decimal(value, 0)} ms`;
}

function ratingOf(row: Row): Rating | null {
  const rating = row["rating"];
  return typeof rating === "string" && rating in COLORS ? (rating as Rating) : null;
}

const vitalOf = (row: Row) => String((row["values"] as unknown[])[0]);

/** The five vitals at the 75th percentile, the chosen one over time and by page. */
export function Vitals() {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const view = useView();
  const [search, change] = useAddress();
  const query = useQuery(special(projectId, view, "web-vitals"));
  const series = useQuery(special(projectId, view, "web-vitals", { series: true }));
  const pages = useQuery(special(projectId, view, "web-vitals", { dimension: "path" }));
  const rows = query.data?.data.rows as Row[] | undefined;
  const chosen: Vital = VITALS.find((each) => each === search.metric) ?? "LCP";
  if (query.isError) return <Failure error={query.error} onRetry={() => void query.refetch()} />;
  if (rows?.length === 0) return <Card><Nothing which="web-vitals" /></Card>;
  const points = ((series.data?.data.rows as Row[] | undefined)?.find((row) => vitalOf(row) === chosen)?.["series"] ?? []) as Row[];
  const interval = series.data ? intervalOf(series.data.meta) : "day";
  const byPage = (pages.data?.data.rows as Row[] | undefined)?.filter((row) => vitalOf(row) === chosen && !row["other"]);
  const title = t("quality.vitalOver", { name: chosen });
  return (
    <div className="flex flex-col gap-3">
      <div role="group" aria-label={t("quality.kinds.web-vitals")} className="grid grid-cols-2 gap-3 md:grid-cols-3 lg:grid-cols-5">
        {VITALS.map((vital) => (
          <VitalCard key={vital} vital={vital} row={rows?.find((row) => vitalOf(row) === vital)} waiting={!rows} on={vital === chosen} onPick={() => { change({ metric: vital === "LCP" ? undefined : vital }, true); }} />
        ))}
      </div>
      <Card title={title} controls={<Downloads name={title} sheet={() => [["date", "p50", "p75", "p95"], points.map((row) => [row["date"], row["p50"], row["p75"], row["p95"]])]} />}>
        <div className="p-3">
          {series.data ? (
            <LineChart
              label={title}
              labels={points.map((row) => bucket(String(row["date"]), interval))}
              titles={points.map((row) => bucket(String(row["date"]), interval, true))}
              lines={(["p95", "p75", "p50"] as const).map((key, index) => ({ name: key, values: points.map((row) => number(row, key)), color: ["var(--line-strong)", "var(--c1)", "var(--c2)"][index] ?? "var(--c1)" }))}
              format={(value) => shown(chosen, value)}
            />
          ) : (
            <Skeleton className="h-[264px]" />
          )}
        </div>
      </Card>
      <Card title={t("quality.byPage", { name: chosen })} controls={<Downloads name={t("quality.byPage", { name: chosen })} picture={false} sheet={() => [[t("dim.path"), "p75", t("quality.count")], (byPage ?? []).map((row) => [(row["values"] as unknown[])[1], row["p75"], row["events"]])]} />}>
        <Table
          label={t("quality.byPage", { name: chosen })}
          rows={byPage}
          skeletons={6}
          id={(row) => JSON.stringify(row["values"])}
          columns={[
            { key: "path", name: t("dim.path"), className: "w-full font-medium", cell: (row) => String((row["values"] as unknown[])[1] ?? "–") },
            { key: "spread", name: t("quality.spread"), wide: true, cell: (row) => <Spread row={row} className="w-40" /> },
            { key: "p75", name: "p75", right: true, cell: (row) => <Rated row={row} vital={chosen} /> },
            { key: "events", name: t("quality.count"), right: true, cell: (row) => whole(number(row, "events") ?? 0) },
          ]}
        />
      </Card>
    </div>
  );
}

function Rated({ row, vital }: { row: Row; vital: string }) {
  const { t } = useTranslation();
  const rating = ratingOf(row);
  return (
    <span className={cx("font-semibold", rating && WORDS[rating])} title={rating ? t(`quality.ratings.${rating}`) : undefined}>
      {shown(vital, number(row, "p75"))}
    </span>
  );
}

/** How many are good, middling, poor: as parts of a bar. */
function Spread({ row, className }: { row: Row; className?: string }) {
  const { t } = useTranslation();
  const parts = (["good", "needs_improvement", "poor"] as const).map((key) => [key, number(row, key) ?? 0] as const);
  return (
    <span role="img" aria-label={parts.map(([key, value]) => `${t(`quality.ratings.${key}`)} ${decimal(value, 0)}%`).join(", ")} title={parts.map(([key, value]) => `${t(`quality.ratings.${key}`)} ${decimal(value, 0)}%`).join(", ")} className={cx("flex h-1.5 gap-px overflow-hidden rounded-full bg-hover", className)}>
      {parts.map(([key, value]) => <span key={key} className={COLORS[key]} style={{ width: `${value}%` }} />)}
    </span>
  );
}

function VitalCard({ vital, row, waiting, on, onPick }: { vital: Vital; row: Row | undefined; waiting: boolean; on: boolean; onPick: () => void }) {
  const { t } = useTranslation();
  const rating = row ? ratingOf(row) : null;
  return (
    <button type="button" aria-pressed={on} onClick={onPick} className={cx("card flex min-w-0 flex-col gap-1 p-4 text-left transition-colors", on ? "border-accent!" : "hover:bg-hover")}>
      <span className="flex w-full items-baseline justify-between gap-2">
        <span className="font-medium">{vital}</span>
        <span className="truncate text-2xs text-muted">{t(`quality.vitals.${vital}`)}</span>
      </span>
      <span className="flex h-8 min-w-0 items-baseline gap-2">
        {waiting ? (
          <Skeleton className="h-6 w-20" />
        ) : (
          <>
            <span className="tabular shrink-0 text-xl leading-8 font-semibold tracking-[-0.02em] whitespace-nowrap">{shown(vital, row ? number(row, "p75") : null)}</span>
            {rating && <span className={cx("truncate text-xs font-medium", WORDS[rating])}>{t(`quality.ratings.${rating}`)}</span>}
          </>
        )}
      </span>
      {row ? <Spread row={row} className="w-full" /> : <span className="h-1.5 rounded-full bg-hover" />}
    </button>
  );
}
