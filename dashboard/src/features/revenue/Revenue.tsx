import { useQuery } from "@tanstack/react-query";
import { BadgeDollarSign } from "lucide-react";
import { useTranslation } from "react-i18next";

import { revenue } from "@/api/product";
import { intervalOf } from "@/api/queries";
import { BarList } from "@/charts/BarList";
import { LineChart } from "@/charts/LineChart";
import { Downloads } from "@/controls/Downloads";
import { FilterBar } from "@/controls/FilterBar";
import { ViewControls } from "@/controls/ViewControls";
import { bucket, money, whole } from "@/lib/format";
import { dimensionName, valueName } from "@/lib/names";
import { useAddress, useFilters, useProjectId, useView } from "@/lib/search";
import { toggled } from "@/lib/view";
import { Delta } from "@/ui/Delta";
import { Card, Page } from "@/ui/Page";
import { Segmented } from "@/ui/Segmented";
import { Empty, Failure, Skeleton } from "@/ui/states";

const BY = ["referrer_name", "utm_campaign", "country", "device", "path"] as const;

export function Revenue() {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const view = useView();
  const [search, change] = useAddress();
  const query = useQuery(revenue(projectId, view, undefined));
  const currencies = query.data?.data.currencies ?? [];
  const chosen = currencies.find((each) => each.currency === search.currency) ?? currencies[0];
  const interval = query.data ? intervalOf(query.data.meta) : "day";
  return (
    <Page
      title={t("revenue.title")}
      controls={<ViewControls compare />}
      below={<FilterBar />}
      aside={
        currencies.length > 1 && (
          <Segmented
            label={t("dim.currency")}
            value={chosen?.currency ?? ""}
            options={currencies.map((each) => ({ value: each.currency ?? "", label: each.currency ?? t("common.unknown") }))}
            onChange={(currency) => { change({ currency }); }}
          />
        )
      }
    >
      {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton className="h-96 rounded-xl" />}
      {query.data && !chosen && (
        <Card>
          <Empty title={t("revenue.none")} icon={<BadgeDollarSign className="size-4" aria-hidden />} className="min-h-80">{t("revenue.noneHint")}</Empty>
        </Card>
      )}
      {chosen && (
        <Money chosen={chosen} interval={interval} />
      )}
    </Page>
  );
}

type Currency = Awaited<ReturnType<NonNullable<ReturnType<typeof revenue>["queryFn"]>>>["data"]["currencies"][number];

function Money({ chosen, interval }: { chosen: Currency; interval: string }) {
  const { t } = useTranslation();
  const series = chosen.series ?? [];
  const shown = (amount: number | null | undefined) => money(amount ?? 0, chosen.currency, chosen.digits ?? 2);
  const before = series.some((row) => row.previous) ? series.map((row) => row.previous?.amount ?? 0) : undefined;
  return (
    <div className="flex flex-col gap-3">
      <Card title={t("revenue.over")} controls={<Downloads name={t("revenue.over")} sheet={() => [["date", "amount", "currency", "orders"], series.map((row) => [row.date, row.amount, chosen.currency, row.orders])]} />}>
        <dl className="grid grid-cols-2 border-b border-line sm:grid-cols-4 [&>div]:border-r [&>div]:border-line [&>div]:px-4 [&>div]:py-3">
          <Fact name={t("revenue.amount")} value={shown(chosen.amount)} delta={chosen.change?.["amount"]} />
          <Fact name={t("revenue.orders")} value={whole(chosen.orders ?? 0)} delta={chosen.change?.["orders"]} />
          <Fact name={t("revenue.average")} value={shown(chosen.average_order ?? 0)} delta={chosen.change?.["average_order"]} />
          <Fact name={t("revenue.payers")} value={whole(chosen.paying_visitors ?? 0)} delta={chosen.change?.["paying_visitors"]} />
        </dl>
        <div className="p-3">
          <LineChart
            label={t("revenue.over")}
            labels={series.map((row) => bucket(row.date, interval))}
            titles={series.map((row) => bucket(row.date, interval, true))}
            lines={[{ name: t("revenue.amount"), values: series.map((row) => row.amount ?? 0), before }]}
            format={(value) => shown(value).replace(/[.,]00(?=\D*$)/, "")}
          />
        </div>
      </Card>
      <div className="grid gap-3 lg:grid-cols-2">
        {BY.map((dimension) => <By key={dimension} dimension={dimension} currency={chosen.currency} />)}
      </div>
    </div>
  );
}

function Fact({ name, value, delta }: { name: string; value: string; delta: number | null | undefined }) {
  return (
    <div>
      <dt className="text-xs text-muted">{name}</dt>
      <dd className="flex items-baseline gap-2">
        <span className="tabular text-xl leading-8 font-semibold tracking-[-0.02em]">{value}</span>
        <Delta value={delta} />
      </dd>
    </div>
  );
}

function By({ dimension, currency }: { dimension: string; currency: string | null }) {
  const { t } = useTranslation();
  const [filters, setFilters] = useFilters();
  const query = useQuery(revenue(useProjectId(), { ...useView(), compare: "none" }, dimension));
  const title = `${t("revenue.by")} ${dimensionName(t, dimension)}`;
  const found = query.data?.data.currencies.find((each) => each.currency === currency);
  const rows = (found?.rows ?? []).slice(0, 8).map((row) => {
    const value = row.values[0] ?? null;
    const text = row.other ? t("common.other") : valueName(t, dimension, value === null ? null : String(value));
    return { key: `${text}${String(value)}`, text, label: <span className="truncate">{text}</span>, value: row.amount ?? 0, shown: money(row.amount ?? 0, currency, found?.digits ?? 2), raw: value };
  });
  return (
    <Card title={title} controls={<Downloads name={title} sheet={() => [[dimensionName(t, dimension), "amount", "currency"], rows.map((row) => [row.text, row.value, currency])]} />}>
      <div className="h-[272px] p-2">
        {query.data ? (
          <BarList rows={rows} onPick={(row) => { const raw = rows.find((each) => each.key === row.key)?.raw; setFilters(toggled(filters, dimension, raw === null || raw === undefined ? null : String(raw))); }} action={(row) => t("common.filterBy", { value: row.text })} />
        ) : (
          <Skeleton className="h-full" />
        )}
      </div>
    </Card>
  );
}
