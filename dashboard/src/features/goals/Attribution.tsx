import { useQuery } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { Route } from "lucide-react";
import { useTranslation } from "react-i18next";

import { attribution, goals, MODELS, type Goal, type Model } from "@/api/kept";
import { eventNames } from "@/api/queries";
import { Downloads } from "@/controls/Downloads";
import { EventPicker } from "@/controls/EventPicker";
import { useNames } from "@/controls/useNames";
import { decimal, money, whole } from "@/lib/format";
import { dimensionName, valueName } from "@/lib/names";
import { useAddress, useProjectId, useView } from "@/lib/search";
import { Delta } from "@/ui/Delta";
import { Field, Select } from "@/ui/fields";
import { Card } from "@/ui/Page";
import { Empty, Failure } from "@/ui/states";
import { Table } from "@/ui/Table";

const BY = ["referrer_name", "referrer_type", "referrer", "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"] as const;
const DAYS = [1, 7, 30, 90] as const;

interface Asked {
  kept: readonly Goal[];
  goal: string | undefined;
  event: string | undefined;
  model: Model;
  dimension: string;
  lookbackDays: number;
}

function useAsked(): Asked {
  const projectId = useProjectId();
  const view = useView();
  const [search] = useAddress();
  const kept = useQuery(goals(projectId, { ...view, compare: "none" })).data?.data ?? [];
  const names = useQuery(eventNames(projectId, view, 500)).data?.data.map((row) => row.name) ?? [];
  const shown = useNames();
  const usual = names.includes("revenue") ? "revenue" : names.find((each) => each !== "screen_view" && !shown.hidden("event", each));
  const chosen = kept.find((each) => each.id === search.id)?.id;
  return {
    kept,
    goal: chosen,
    event: chosen ? undefined : (search.event ?? usual),
    model: MODELS.find((each) => each === search.mode) ?? "last_non_direct",
    dimension: BY.find((each) => each === search.breakdown) ?? "referrer_name",
    lookbackDays: DAYS.find((each) => each === Number(search.window)) ?? 30,
  };
}

/** Which visits conversions are owed to. */
export function Attribution() {
  const { t } = useTranslation();
  const { kept, goal, event, ...asked } = useAsked();
  const query = useQuery(attribution(useProjectId(), useView(), { ...asked, ...(goal ? { goal } : {}), ...(event ? { event } : {}) }));
  const data = query.data?.data;
  return (
    <Card>
      <Fields kept={kept} goal={goal} event={event} {...asked} />
      <div className="flex h-11 items-center gap-4 border-b border-line pr-2 pl-4 text-muted">{data && <Sums data={data} dimension={asked.dimension} />}</div>
      {query.isError ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : data?.rows.length === 0 ? (
        <Empty title={t("common.noData")} icon={<Route className="size-4" aria-hidden />} className="min-h-64">{t("common.noDataHint")}</Empty>
      ) : (
        <Credits data={data} dimension={asked.dimension} dim={query.isPlaceholderData} />
      )}
    </Card>
  );
}

type Data = Awaited<ReturnType<NonNullable<ReturnType<typeof attribution>["queryFn"]>>>["data"];
type Row = Data["rows"][number];

function valueOf(t: TFunction, dimension: string, row: Row): string {
  return row.other ? t("common.other") : valueName(t, dimension, row.values[0] ?? null);
}

function earned(all: Row["revenue"]): string {
  return all.filter((each) => each.amount !== 0).map((each) => money(each.amount, each.currency, each.digits ?? 2)).join(" · ");
}

function Sums({ data, dimension }: { data: Data; dimension: string }) {
  const { t } = useTranslation();
  return (
    <>
      <span><strong className="tabular font-semibold text-ink">{whole(data.conversions)}</strong> {t("goals.conversions")}</span>
      <span><strong className="tabular font-semibold text-ink">{whole(data.converters)}</strong> {t("goals.converters")}</span>
      {earned(data.revenue) && <strong className="tabular font-semibold text-ink">{earned(data.revenue)}</strong>}
      <span className="ml-auto">
        <Downloads name={t("goals.attribution")} picture={false} sheet={() => [[dimensionName(t, dimension), t("goals.conversions"), t("goals.converters"), t("dim.revenue")], data.rows.map((row) => [valueOf(t, dimension, row), row.conversions, row.converters, earned(row.revenue)])]} />
      </span>
    </>
  );
}

function Credits({ data, dimension, dim }: { data: Data | undefined; dimension: string; dim: boolean }) {
  const { t } = useTranslation();
  const most = Math.max(1, ...(data?.rows ?? []).map((row) => row.conversions));
  return (
    <Table
      label={t("goals.attribution")}
      rows={data?.rows}
      dim={dim}
      id={(row) => JSON.stringify([row.values, row.other])}
      columns={[
        { key: "value", name: dimensionName(t, dimension), className: "w-full font-medium", cell: (row) => valueOf(t, dimension, row) },
        { key: "bar", name: "", wide: true, cell: (row) => <span aria-hidden className="block h-1.5 w-40 rounded-full bg-hover"><span className="block h-full rounded-full bg-accent" style={{ width: `${(row.conversions / most) * 100}%` }} /></span> },
        { key: "conversions", name: t("goals.conversions"), right: true, cell: (row) => whole(row.conversions) },
        { key: "share", name: t("goals.share"), right: true, cell: (row) => <span className="text-muted">{decimal((row.conversions / Math.max(1, data?.conversions ?? 0)) * 100)}%</span> },
        { key: "converters", name: t("goals.converters"), right: true, wide: true, cell: (row) => whole(row.converters) },
        { key: "revenue", name: t("dim.revenue"), right: true, cell: (row) => earned(row.revenue) || "–" },
        { key: "change", name: t("goals.change"), right: true, wide: true, cell: (row) => <Delta value={row.change?.["conversions"]} /> },
      ]}
    />
  );
}

function Fields({ kept, goal, event, model, dimension, lookbackDays }: Asked) {
  const { t } = useTranslation();
  const [, change] = useAddress();
  return (
    <div className="grid grid-cols-2 gap-3 border-b border-line p-3 lg:grid-cols-4">
      <Field label={t("goals.conversion")}>
        {(field) => (
          <EventPicker
            {...field}
            label={t("goals.conversion")}
            any={null}
            first={kept.map((each) => ({ value: `goal:${each.id}`, label: each.name }))}
            value={goal ? `goal:${goal}` : event}
            onChange={(picked = "") => {
              const [kind, id] = picked.split("goal:");
              change(id ? { id, event: undefined } : { event: kind, id: undefined });
            }}
          />
        )}
      </Field>
      <Field label={t("goals.model")}>
        {(field) => (
          <Select {...field} value={model} onChange={(picked) => { change({ mode: picked.target.value }); }}>
            {MODELS.map((each) => <option key={each} value={each}>{t(`goals.models.${each}`)}</option>)}
          </Select>
        )}
      </Field>
      <Field label={t("goals.creditTo")}>
        {(field) => (
          <Select {...field} value={dimension} onChange={(picked) => { change({ breakdown: picked.target.value }); }}>
            {BY.map((each) => <option key={each} value={each}>{dimensionName(t, each)}</option>)}
          </Select>
        )}
      </Field>
      <Field label={t("goals.lookback")}>
        {(field) => (
          <Select {...field} value={lookbackDays} onChange={(picked) => { change({ window: picked.target.value }); }}>
            {DAYS.map((each) => <option key={each} value={each}>{t("goals.days", { n: each })}</option>)}
          </Select>
        )}
      </Field>
    </div>
  );
}
