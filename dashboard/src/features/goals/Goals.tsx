import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus, Target, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { goal, goals, removeGoal, type Goal } from "@/api/kept";
import { intervalOf } from "@/api/queries";
import { LineChart } from "@/charts/LineChart";
import { Downloads } from "@/controls/Downloads";
import { FilterBar } from "@/controls/FilterBar";
import { useNames } from "@/controls/useNames";
import { ViewControls } from "@/controls/ViewControls";
import { Attribution } from "@/features/goals/Attribution";
import { NewGoal } from "@/features/goals/NewGoal";
import { cx } from "@/lib/classes";
import { bucket, decimal, money, openBuckets, short, whole } from "@/lib/format";
import { dimensionName, valueName } from "@/lib/names";
import { useAddress, useFilters, useProjectId, useView } from "@/lib/search";
import { toggled } from "@/lib/view";
import { Button, IconButton } from "@/ui/Button";
import { Confirm } from "@/ui/Confirm";
import { Delta } from "@/ui/Delta";
import { Select } from "@/ui/fields";
import { Card, Page } from "@/ui/Page";
import { Segmented } from "@/ui/Segmented";
import { Empty, Failure, Skeleton } from "@/ui/states";
import { Table } from "@/ui/Table";

export function Goals() {
  const { t } = useTranslation();
  const [search, change] = useAddress();
  const [making, setMaking] = useState(false);
  const tab = search.tab === "attribution" ? "attribution" : "goals";
  return (
    <Page
      title={t("goals.title")}
      below={<FilterBar />}
      controls={
        <>
          {tab === "goals" && (
            <Button look="primary" onClick={() => { setMaking(true); }}>
              <Plus className="size-3.5" aria-hidden />
              {t("goals.new")}
            </Button>
          )}
          <ViewControls compare />
        </>
      }
      aside={
        <Segmented
          label={t("goals.title")}
          value={tab}
          options={[{ value: "goals", label: t("goals.title") }, { value: "attribution", label: t("goals.attribution") }]}
          onChange={(each) => { change({ tab: each === "goals" ? undefined : each }); }}
        />
      }
    >
      {tab === "goals" ? <All onNew={() => { setMaking(true); }} /> : <Attribution />}
      {making && <NewGoal onClose={() => { setMaking(false); }} />}
    </Page>
  );
}

function All({ onNew }: { onNew: () => void }) {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const [search, change] = useAddress();
  const query = useQuery(goals(projectId, useView()));
  const rows = query.data?.data ?? [];
  const chosen = rows.find((each) => each.id === search.id) ?? rows[0];
  if (query.isError) return <Failure error={query.error} onRetry={() => void query.refetch()} />;
  if (query.isPending) return <Skeleton className="h-96 rounded-xl" />;
  if (!chosen) {
    return (
      <Card>
        <Empty title={t("goals.none")} icon={<Target className="size-4" aria-hidden />} className="min-h-80">
          <p>{t("goals.noneHint")}</p>
          <Button look="primary" className="mt-3" onClick={onNew}>{t("goals.new")}</Button>
        </Empty>
      </Card>
    );
  }
  return (
    <div className={cx("flex flex-col gap-3 transition-opacity", query.isPlaceholderData && "opacity-50")}>
      <div role="group" aria-label={t("goals.choose")} className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3 xl:grid-cols-4">
        {rows.map((each) => <GoalCard key={each.id} goal={each} on={each.id === chosen.id} onPick={() => { change({ id: each.id }, true); }} />)}
      </div>
      <OneGoal key={chosen.id} goal={chosen} />
    </div>
  );
}

function GoalCard({ goal: each, on, onPick }: { goal: Goal; on: boolean; onPick: () => void }) {
  const { t } = useTranslation();
  return (
    <button type="button" aria-pressed={on} onClick={onPick} className={cx("card flex min-w-0 flex-col gap-0.5 p-4 text-left transition-colors", on ? "border-accent!" : "hover:bg-hover")}>
      <span className="flex w-full items-center gap-2">
        <Target className={cx("size-3.5 shrink-0", on ? "text-accent" : "text-muted")} aria-hidden />
        <span className="truncate font-medium">{each.name}</span>
      </span>
      <span className="flex items-baseline gap-2">
        <span className="tabular text-xl leading-8 font-semibold tracking-[-0.02em]">{decimal(each.conversion_rate, 2)}%</span>
        <Delta value={each.change?.["conversion_rate"]} />
      </span>
      <span className="tabular text-xs text-muted">{t("goals.people", { n: whole(each.unique_conversions), of: whole(each.visitors) })}</span>
    </button>
  );
}

const BY = ["referrer_name", "referrer_type", "utm_source", "utm_campaign", "country", "device", "browser", "path"] as const;

function OneGoal({ goal: chosen }: { goal: Goal }) {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const client = useQueryClient();
  const [search, change] = useAddress();
  const [filters, setFilters] = useFilters();
  const names = useNames();
  const [asking, setAsking] = useState(false);
  const dimension = BY.find((each) => each === search.breakdown) ?? "referrer_name";
  const query = useQuery(goal(projectId, useView(), chosen.id, dimension));
  const remove = useMutation({
    mutationFn: () => removeGoal(projectId, chosen.id),
    onSuccess: () => {
      setAsking(false);
      return client.invalidateQueries({ queryKey: ["insights", projectId, "goals"] });
    },
  });
  const series = query.data?.data.series ?? [];
  const interval = query.data ? intervalOf(query.data.meta) : "day";
  const title = t("goals.over", { name: chosen.name });
  const earned = chosen.revenue.filter((each) => each.amount !== 0).map((each) => money(each.amount, each.currency, each.digits ?? 2)).join(" · ");
  const heads = [dimensionName(t, dimension), t("goals.unique"), t("goals.total"), t("goals.rate")];
  const value = (row: { other: boolean; values: unknown[] }) => (row.other ? t("common.other") : valueName(t, dimension, row.values[0] === null ? null : String(row.values[0])));
  return (
    <>
      <Card
        title={title}
        controls={
          <>
            <Downloads name={title} sheet={() => [["date", t("goals.unique"), t("goals.total"), t("goals.rate")], series.map((row) => [row.date, row.unique_conversions, row.total_conversions, row.conversion_rate])]} />
            <IconButton className="size-7" label={`${t("common.delete")}: ${chosen.name}`} onClick={() => { setAsking(true); }}>
              <Trash2 className="size-3.5" aria-hidden />
            </IconButton>
          </>
        }
      >
        <p className="flex flex-wrap gap-x-4 px-4 pt-3 text-xs text-muted">
          <span>{chosen.event ? t("goals.isEvent", { name: names.label("event", chosen.event) }) : t("goals.isPage", { name: chosen.page })}</span>
          <span>{t("goals.times", { n: whole(chosen.total_conversions) })}</span>
          {earned && <span>{t("goals.earned", { money: earned })}</span>}
        </p>
        <div className="p-3">
          {query.isError ? (
            <Failure error={query.error} className="h-[264px]" />
          ) : query.data ? (
            <LineChart
              label={title}
              labels={series.map((row) => bucket(row.date, interval))}
              titles={series.map((row) => bucket(row.date, interval, true))}
              lines={[{ name: t("goals.unique"), values: series.map((row) => row.unique_conversions), before: series.some((row) => row.previous) ? series.map((row) => row.previous?.unique_conversions ?? 0) : undefined }]}
              format={short}
              open={openBuckets(query.data.meta.to, interval) > 0 ? 1 : 0}
            />
          ) : (
            <Skeleton className="h-[264px]" />
          )}
        </div>
      </Card>
      <Card
        title={t("goals.by")}
        controls={
          <>
            <Select aria-label={t("goals.by")} className="h-7! w-36!" value={dimension} onChange={(event) => { change({ breakdown: event.target.value }, true); }}>
              {BY.map((each) => <option key={each} value={each}>{dimensionName(t, each)}</option>)}
            </Select>
            <Downloads name={t("goals.by")} picture={false} sheet={() => [heads, (query.data?.data.rows ?? []).map((row) => [value(row), row.unique_conversions, row.total_conversions, row.conversion_rate])]} />
          </>
        }
      >
        <Table
          label={t("goals.by")}
          rows={query.data?.data.rows}
          dim={query.isPlaceholderData}
          skeletons={6}
          id={(row) => JSON.stringify([row.values, row.other])}
          columns={[
            { key: "value", name: heads[0] ?? "", className: "w-full", cell: (row) => (row.other ? value(row) : <button type="button" className="truncate font-medium hover:underline" title={t("common.filterBy", { value: value(row) })} onClick={() => { setFilters(toggled(filters, dimension, row.values[0] === null ? null : String(row.values[0]))); }}>{value(row)}</button>) },
            { key: "visitors", name: t("overview.visitors"), right: true, wide: true, cell: (row) => <span className="text-muted">{whole(row.visitors)}</span> },
            { key: "unique", name: t("goals.unique"), right: true, cell: (row) => whole(row.unique_conversions) },
            { key: "total", name: t("goals.total"), right: true, wide: true, cell: (row) => whole(row.total_conversions) },
            { key: "rate", name: t("goals.rate"), right: true, cell: (row) => <span className="font-semibold">{decimal(row.conversion_rate, 2)}%</span> },
            { key: "change", name: t("goals.change"), right: true, wide: true, cell: (row) => <Delta value={row.change?.["conversion_rate"]} /> },
          ]}
        />
      </Card>
      {asking && <Confirm text={t("goals.confirmDelete", { name: chosen.name })} busy={remove.isPending} error={remove.error} onYes={() => { remove.mutate(); }} onClose={() => { setAsking(false); }} />}
    </>
  );
}
