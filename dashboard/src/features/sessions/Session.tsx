import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { oneSession } from "@/api/product";
import { Person } from "@/controls/Person";
import { Timeline } from "@/controls/Timeline";
import { country, dateTime, duration, whole } from "@/lib/format";
import { useProjectId } from "@/lib/search";
import { Facts } from "@/ui/Facts";
import { Card, Page } from "@/ui/Page";
import { Failure, Skeleton } from "@/ui/states";

export function Session() {
  const { t } = useTranslation();
  const { id = "" } = useParams({ strict: false });
  const query = useQuery(oneSession(useProjectId(), id));
  const row = query.data?.data;
  return (
    <Page title={t("sessions.detail")}>
      {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton className="h-96 rounded-xl" />}
      {row && (
        <div className="grid items-start gap-3 lg:grid-cols-[320px_1fr]">
          <Card>
            <div className="flex flex-col gap-4 p-4">
              <Person id={row.profileId ?? row.visitorId ?? ""} identified={row.profileId !== null} />
              <Facts
                rows={[
                  [t("sessions.started"), dateTime(row.startedAt)],
                  [t("sessions.duration"), duration(row.duration)],
                  [t("sessions.views"), whole(row.screenViews)],
                  [t("sessions.entry"), row.entryPath],
                  [t("sessions.exit"), row.exitPath],
                  [t("sessions.source"), row.referrerName ?? t("overview.direct")],
                  [t("dim.utm_campaign"), row.utm.campaign],
                  [t("profiles.place"), [row.city, row.country && country(row.country)].filter(Boolean).join(", ")],
                  [t("dim.browser"), row.browser],
                  [t("dim.os"), row.os],
                ]}
              />
            </div>
          </Card>
          <Card title={t("sessions.timeline")}>
            <Timeline events={row.timeline} />
          </Card>
        </div>
      )}
    </Page>
  );
}
