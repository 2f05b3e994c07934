import { Moon } from "lucide-react";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";

import { useLive } from "@/api/live";
import { BarList } from "@/charts/BarList";
import { Stream } from "@/controls/Stream";
import { country, whole } from "@/lib/format";
import { useProjectId } from "@/lib/search";
import { CountryCode } from "@/ui/CountryCode";
import { Card, Page } from "@/ui/Page";
import { Empty, Failure, Skeleton } from "@/ui/states";

const WorldMap = lazy(() => import("@/charts/WorldMap").then((module) => ({ default: module.WorldMap })));

export function Realtime() {
  const { t } = useTranslation();
  const query = useLive(useProjectId());
  const data = query.data?.data;
  const minutes = data?.minutes ?? [];
  const most = Math.max(1, ...minutes);
  return (
    <Page title={t("realtime.title")}>
      {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      <div className="grid gap-3 lg:grid-cols-[320px_1fr]">
        <div className="flex min-w-0 flex-col gap-3">
          <Card>
            <div className="p-4">
              <p className="flex h-14 items-baseline gap-2" aria-live="polite">
                <span className="tabular text-5xl leading-14 font-semibold tracking-[-0.03em]">{data ? whole(data.visitors) : "–"}</span>
                <span className="text-muted">{t("realtime.now")}</span>
              </p>
              <div role="img" aria-label={t("realtime.last30")} title={t("realtime.last30")} className="mt-3 flex h-20 items-end gap-[3px]">
                {(minutes.length > 0 ? minutes : Array<number>(30).fill(0)).map((value, index) => (
                  <span key={index} className={value > 0 ? "flex-1 rounded-t-[3px] bg-accent" : "flex-1 rounded-t-[3px] bg-hover"} style={{ height: `${Math.max(4, (value / most) * 100)}%` }} />
                ))}
              </div>
            </div>
          </Card>
          <Card title={t("realtime.pages")}>
            <div className="min-h-[200px] p-2">
              {data?.pages.length === 0 && <Empty title={t("realtime.quiet")} icon={<Moon className="size-4" aria-hidden />}>{t("realtime.quietHint")}</Empty>}
              <BarList rows={(data?.pages ?? []).slice(0, 8).map((row) => ({ key: `${row.origin ?? ""}${row.path ?? ""}`, text: row.path ?? "", label: <span className="truncate">{row.path}</span>, value: row.visitors, shown: whole(row.visitors) }))} />
            </div>
          </Card>
        </div>
        <Card title={t("realtime.countries")}>
          <div className="p-3">
            <Suspense fallback={<Skeleton className="aspect-[1000/420] w-full" />}>
              <WorldMap values={new Map((data?.countries ?? []).flatMap((row) => (row.country ? [[row.country, row.visitors] as const] : [])))} format={whole} active={new Set()} label={t("overview.mapLabel")} />
            </Suspense>
            <ul className="mt-2 flex min-h-6 flex-wrap gap-x-4 gap-y-1">
              {(data?.countries ?? []).filter((row) => row.country).map((row) => (
                <li key={row.country} className="flex items-center gap-1.5 text-xs">
                  <CountryCode code={row.country ?? ""} />
                  <span className="text-muted">{country(row.country ?? "")}</span>
                  <span className="tabular font-medium">{whole(row.visitors)}</span>
                </li>
              ))}
            </ul>
          </div>
        </Card>
      </div>
      <Card title={t("realtime.stream")} className="mt-3">
        <Stream />
      </Card>
    </Page>
  );
}
