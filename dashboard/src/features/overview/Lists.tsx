import { useQuery } from "@tanstack/react-query";
import { Megaphone } from "lucide-react";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { eventCounts, list, metrics, pages, type Listed, type PageMode } from "@/api/queries";
import type { BarRow } from "@/charts/BarList";
import { useNames } from "@/controls/useNames";
import { Details } from "@/features/overview/Details";
import { Panel, PanelList, ROWS } from "@/features/overview/Panel";
import { duration, percent, short, whole } from "@/lib/format";
import { listed, valueName } from "@/lib/names";
import { useFilters, useProjectId, useView } from "@/lib/search";
import { toggled } from "@/lib/view";
import { CountryCode } from "@/ui/CountryCode";
import { Empty, Skeleton } from "@/ui/states";

const WorldMap = lazy(() => import("@/charts/WorldMap").then((module) => ({ default: module.WorldMap })));

const ALL = 1000;

/** Filters by rows: whether one holds, and a click that puts it or takes it away. */
function useRowFilter(dimension: string) {
  const [filters, setFilters] = useFilters();
  const active = new Set(
    filters.filter((each) => each.name === dimension && each.operator === "is").flatMap((each) => each.value.map(String)),
  );
  if (filters.some((each) => each.name === dimension && each.operator === "isNull")) active.add("");
  return { active, toggle: (value: string | null) => { setFilters(toggled(filters, dimension, value)); } };
}

/** Whether it is the lists' turn: with filters all is counted anew, and the numbers above come first. */
function useTurn(): boolean {
  const [filters] = useFilters();
  const { isPending, isPlaceholderData } = useQuery(metrics(useProjectId(), useView()));
  return filters.length === 0 || !(isPending || isPlaceholderData);
}

export function Pages() {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const view = useView();
  const [mode, setMode] = useState<PageMode>("top");
  const { active, toggle } = useRowFilter("path");
  const query = useQuery({ ...pages(projectId, view, mode, ROWS), enabled: useTurn() });
  const counted = mode === "top" ? "views" : "sessions";
  const rows = query.data?.data.map((row): BarRow => ({
    key: `${row.origin ?? ""}${row.path ?? ""}`,
    text: row.path ?? "",
    label: <span className="truncate" title={row.title ?? undefined}>{row.path}</span>,
    value: row[counted],
    shown: short(row[counted]),
    active: active.has(row.path ?? ""),
  }));
  const tabs = (["top", "entry", "exit"] as const).map((value) => ({ value, label: `${t(`overview.${value}`)}` }));
  return (
    <Panel
      title={t("overview.pages")}
      tabs={tabs.map((each) => (each.value === "top" ? { ...each, label: t("overview.pages") } : each))}
      tab={mode}
      onTab={setMode}
      details={(close) => <AllPages mode={mode} onPick={toggle} onClose={close} />}
    >
      <PanelList query={query} rows={rows} heads={[t("dim.path"), t(mode === "top" ? "overview.views" : "overview.sessions")]} onPick={(row) => { toggle(row.text); }} />
    </Panel>
  );
}

function AllPages({ mode, onPick, onClose }: { mode: PageMode; onPick: (path: string) => void; onClose: () => void }) {
  const { t } = useTranslation();
  const query = useQuery(pages(useProjectId(), useView(), mode, ALL));
  return (
    <Details
      title={t("dim.path")}
      rows={query.isPlaceholderData ? undefined : query.data?.data}
      text={(row) => row.path ?? ""}
      label={(row) => (
        <span className="min-w-0 truncate">
          {row.path} <span className="ml-1 text-muted">{row.title}</span>
        </span>
      )}
      columns={[
        { key: "v", name: t("overview.visitors"), value: (row) => row.unique_visitors, show: (row) => whole(row.unique_visitors) },
        { key: "w", name: t("overview.views"), value: (row) => row.views, show: (row) => whole(row.views) },
        { key: "s", name: t("overview.sessions"), value: (row) => row.sessions, show: (row) => whole(row.sessions) },
        { key: "b", name: t("overview.bounce"), value: (row) => row.bounce_rate, show: (row) => percent(row.bounce_rate) },
        { key: "t", name: t("overview.timeOnPage"), value: (row) => row.avg_time_on_page, show: (row) => (row.avg_time_on_page === null ? "–" : duration(row.avg_time_on_page)) },
      ]}
      onPick={(row) => { onPick(row.path ?? ""); }}
      onClose={onClose}
    />
  );
}

interface ValuesProps {
  dimension: Listed;
  empty?: ReactNode;
}

function label(dimension: string, value: string | null, words: string): ReactNode {
  return (
    <>
      {dimension === "country" && value && <CountryCode code={value} />}
      <span className="truncate">{words}</span>
    </>
  );
}

function Values({ dimension, empty }: ValuesProps) {
  const { t } = useTranslation();
  const { active, toggle } = useRowFilter(dimension);
  const query = useQuery({ ...list(useProjectId(), useView(), dimension, ROWS), enabled: useTurn() });
  const campaign = dimension.startsWith("utm");
  const found = query.data?.data.filter((row) => !campaign || row.value !== null);
  const rows = found?.map((row): BarRow => {
    const words = valueName(t, dimension, row.value);
    return {
      key: row.value ?? "",
      text: words,
      label: label(dimension, row.value, words),
      value: row.unique_visitors,
      shown: short(row.unique_visitors),
      active: active.has(row.value ?? ""),
    };
  });
  return (
    <PanelList
      query={query}
      rows={rows}
      heads={[t(`dim.${dimension}`), t("overview.visitors")]}
      onPick={(row) => { toggle(row.key === "" ? null : row.key); }}
      empty={empty}
    />
  );
}

function AllValues({ dimension, onClose }: { dimension: Listed; onClose: () => void }) {
  const { t } = useTranslation();
  const { toggle } = useRowFilter(dimension);
  const query = useQuery(list(useProjectId(), useView(), dimension, ALL));
  return (
    <Details
      title={t(`dim.${dimension}`)}
      rows={query.isPlaceholderData ? undefined : query.data?.data}
      text={(row) => valueName(t, dimension, row.value)}
      label={(row) => label(dimension, row.value, valueName(t, dimension, row.value))}
      columns={[
        { key: "v", name: t("overview.visitors"), value: (row) => row.unique_visitors, show: (row) => whole(row.unique_visitors) },
        { key: "s", name: t("overview.sessions"), value: (row) => row.sessions, show: (row) => whole(row.sessions) },
        { key: "w", name: t("overview.views"), value: (row) => row.views, show: (row) => whole(row.views) },
        { key: "b", name: t("overview.bounce"), value: (row) => row.bounce_rate, show: (row) => percent(row.bounce_rate) },
      ]}
      onPick={(row) => { toggle(row.value); }}
      onClose={onClose}
    />
  );
}

export function Sources() {
  const { t } = useTranslation();
  const [tab, setTab] = useState<"referrer_name" | "referrer_type" | "referrer">("referrer_name");
  const tabs = [
    { value: "referrer_name", label: t("overview.sources") },
    { value: "referrer_type", label: t("overview.channels") },
    { value: "referrer", label: t("overview.referrers") },
  ] as const;
  return (
    <Panel title={t("overview.sources")} tabs={tabs} tab={tab} onTab={setTab} details={(close) => <AllValues dimension={tab} onClose={close} />}>
      <Values dimension={tab} />
    </Panel>
  );
}

export function Campaigns() {
  const { t } = useTranslation();
  const [tab, setTab] = useState<"utm_campaign" | "utm_source" | "utm_medium" | "utm_term" | "utm_content">("utm_campaign");
  const tabs = [
    { value: "utm_campaign", label: t("overview.campaigns") },
    { value: "utm_source", label: t("overview.source") },
    { value: "utm_medium", label: t("overview.medium") },
    { value: "utm_term", label: t("overview.term") },
    { value: "utm_content", label: t("overview.content") },
  ] as const;
  const empty = (
    <Empty title={t("overview.noCampaigns")} icon={<Megaphone className="size-4" aria-hidden />} className="h-full">
      {t("overview.noCampaignsHint")}
    </Empty>
  );
  return (
    <Panel title={t("overview.campaigns")} tabs={tabs} tab={tab} onTab={setTab} details={(close) => <AllValues dimension={tab} onClose={close} />}>
      <Values dimension={tab} empty={empty} />
    </Panel>
  );
}

export function Places() {
  const { t } = useTranslation();
  const [tab, setTab] = useState<"map" | "country" | "region" | "city">("map");
  const tabs = [
    { value: "map", label: t("overview.map") },
    { value: "country", label: t("overview.countries") },
    { value: "region", label: t("overview.regions") },
    { value: "city", label: t("overview.cities") },
  ] as const;
  return (
    <Panel title={t("overview.countries")} tabs={tabs} tab={tab} onTab={setTab} details={(close) => <AllValues dimension={tab === "map" ? "country" : tab} onClose={close} />}>
      {tab === "map" ? <Map /> : <Values dimension={tab} />}
    </Panel>
  );
}

function Map() {
  const { t } = useTranslation();
  const { active, toggle } = useRowFilter("country");
  const query = useQuery({ ...list(useProjectId(), useView(), "country", 300), enabled: useTurn() });
  const values = new globalThis.Map((query.data?.data ?? []).flatMap((row) => (row.value ? [[row.value, row.unique_visitors] as const] : [])));
  const first = (query.data?.data ?? []).filter((row) => row.value !== null).slice(0, 3);
  return (
    <div className="flex h-full flex-col">
      <div className="flex min-h-0 flex-1 items-center justify-center [&>div]:w-full">
        <Suspense fallback={<Skeleton className="h-full" />}>
          <WorldMap values={values} format={whole} active={active} label={t("overview.mapLabel")} onPick={toggle} />
        </Suspense>
      </div>
      <ul className="flex h-8 shrink-0 items-center justify-center gap-1">
        {first.map((row) => (
          <li key={row.value} className="min-w-0">
            <button type="button" aria-pressed={active.has(row.value ?? "")} title={t("common.filterBy", { value: valueName(t, "country", row.value) })} onClick={() => { toggle(row.value); }} className="flex h-7 max-w-full items-center gap-1.5 rounded-md px-2 text-xs hover:bg-hover aria-pressed:bg-accent-soft">
              <CountryCode code={row.value ?? ""} />
              <span className="truncate text-muted">{valueName(t, "country", row.value)}</span>
              <span className="tabular font-medium">{short(row.unique_visitors)}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

export function Devices() {
  const { t } = useTranslation();
  const [tab, setTab] = useState<"browser" | "os" | "device">("browser");
  const tabs = [
    { value: "browser", label: t("overview.browsers") },
    { value: "os", label: t("overview.systems") },
    { value: "device", label: t("overview.devices") },
  ] as const;
  return (
    <Panel title={t("overview.devices")} tabs={tabs} tab={tab} onTab={setTab} details={(close) => <AllValues dimension={tab} onClose={close} />}>
      <Values dimension={tab} />
    </Panel>
  );
}

export function Events() {
  const { t } = useTranslation();
  const { active, toggle } = useRowFilter("name");
  const names = useNames();
  const query = useQuery({ ...eventCounts(useProjectId(), useView(), ROWS + 1 + Math.min(names.hiddenEvents, 400)), enabled: useTurn() });
  const rows = (names.ready ? query.data : undefined)
    ?.filter((row) => row.name !== "screen_view" && listed(names, "event", row.name))
    .slice(0, ROWS)
    .map((row): BarRow => ({
      key: row.name,
      text: names.label("event", row.name),
      label: <span className="truncate">{names.label("event", row.name)}</span>,
      value: row.count,
      shown: short(row.count),
      active: active.has(row.name),
    }));
  return (
    <Panel title={t("overview.events")} tabs={[{ value: "events", label: t("overview.events") }]} tab="events" onTab={() => undefined}>
      <PanelList query={query} rows={rows} heads={[t("dim.name"), t("overview.count")]} onPick={(row) => { toggle(row.key); }} />
    </Panel>
  );
}
