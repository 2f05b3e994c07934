import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { GitMerge } from "lucide-react";
import { useTranslation } from "react-i18next";

import { profile, profileEvents } from "@/api/product";
import { Timeline } from "@/controls/Timeline";
import { useNames } from "@/controls/useNames";
import { nameOf } from "@/features/profiles/Profiles";
import { country, dateTime, money, whole } from "@/lib/format";
import { useProjectId } from "@/lib/search";
import { Facts } from "@/ui/Facts";
import { More } from "@/ui/More";
import { Card, Page } from "@/ui/Page";
import { Failure, Skeleton } from "@/ui/states";

function titleOf(row: Row, anonymous: string): string {
  return nameOf(row) ?? (row.identified ? row.id : `${anonymous} ${row.visitorId.slice(0, 8)}`);
}

export function Profile() {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const { id = "" } = useParams({ strict: false });
  const query = useQuery(profile(projectId, id));
  const done = useInfiniteQuery(profileEvents(projectId, id));
  const names = useNames();
  const row = query.data?.data;
  return (
    <Page title={row ? titleOf(row, t("profiles.anonymous")) : t("profiles.person")}>
      {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton className="h-96 rounded-xl" />}
      {row && (
        <div className="grid items-start gap-3 lg:grid-cols-[340px_1fr]">
          <div className="flex min-w-0 flex-col gap-3">
            <div className="card grid grid-cols-3 divide-x divide-line text-center">
              {([["events", row.events], ["sessions", row.sessions], ["views", row.screenViews]] as const).map(([name, value]) => (
                <div key={name} className="px-2 py-3">
                  <p className="tabular text-lg font-semibold">{whole(value)}</p>
                  <p className="text-xs text-muted">{t(`profiles.${name}`)}</p>
                </div>
              ))}
            </div>
            <Card title={t("profiles.about")}>
              <div className="p-4">
                <About row={row} />
              </div>
            </Card>
            {Object.keys(row.properties).length > 0 && (
              <Card title={t("profiles.properties")}>
                <div className="p-4">
                  <Facts rows={Object.entries(row.properties).map(([key, value]) => [names.label("profile", key), typeof value === "string" ? value : JSON.stringify(value)])} />
                </div>
              </Card>
            )}
            <History row={row} />
          </div>
          <Card title={t("profiles.timeline")}>
            {done.isPending ? <Skeleton className="m-4 h-64" /> : done.data && <Timeline events={done.data.pages.flatMap((page) => page.data)} />}
            <More query={done} />
          </Card>
        </div>
      )}
    </Page>
  );
}

type Row = Awaited<ReturnType<NonNullable<ReturnType<typeof profile>["queryFn"]>>>["data"];

function About({ row }: { row: Row }) {
  const { t } = useTranslation();
  return (
    <Facts
      rows={[
        [t("account.email"), row.email],
        ["id", row.identified ? row.id : row.visitorId],
        [t("profiles.firstSeen"), row.firstSeen && dateTime(row.firstSeen)],
        [t("profiles.lastSeen"), row.lastSeen && dateTime(row.lastSeen)],
        [t("profiles.place"), [row.city, row.region, row.country && country(row.country)].filter(Boolean).join(", ")],
        [t("profiles.devices"), [row.browser, row.os, row.device && t(`deviceTypes.${row.device}` as "deviceTypes.desktop")].filter(Boolean).join(", ")],
        [t("profiles.revenue"), row.revenue.map((each) => money(each.amount, each.currency)).join(", ")],
        [t("profiles.firstTouch"), row.firstTouch && (row.firstTouch.referrerName ?? t("overview.direct"))],
        [t("profiles.lastTouch"), row.lastTouch && (row.lastTouch.referrerName ?? t("overview.direct"))],
        [t("profiles.groups"), row.groups.map((each) => each.id).join(", ")],
      ]}
    />
  );
}

/** How several ids became this person. */
function History({ row }: { row: Row }) {
  const { t } = useTranslation();
  if (row.history.length === 0) return null;
  return (
    <Card title={t("history.title")}>
      <ol className="flex flex-col gap-2.5 p-4">
        {row.history.map((step, index) => (
          <li key={index} className="flex items-start gap-2.5">
            <GitMerge className="mt-0.5 size-3.5 shrink-0 text-muted" aria-hidden />
            <span className="min-w-0 flex-1">
              <span className="block break-words">
                {step.kind === "alias"
                  ? t("history.alias", { alias: step.alias, profile: step.profileId })
                  : t(step.joined === false ? "history.apart" : "history.link", { device: step.deviceId?.slice(0, 12), profile: step.profileId })}
              </span>
              <time dateTime={step.at} className="text-xs text-muted">{dateTime(step.at)}</time>
            </span>
          </li>
        ))}
      </ol>
    </Card>
  );
}
