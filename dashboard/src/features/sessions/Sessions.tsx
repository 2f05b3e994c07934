import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { History } from "lucide-react";
import { useTranslation } from "react-i18next";

import { sessions } from "@/api/product";
import { ExportLink } from "@/controls/Downloads";
import { FilterBar } from "@/controls/FilterBar";
import { Person } from "@/controls/Person";
import { ViewControls } from "@/controls/ViewControls";
import { ago, country, dateTime, duration, whole } from "@/lib/format";
import { kept, useAddress, useProjectId, useView } from "@/lib/search";
import { CountryCode } from "@/ui/CountryCode";
import { More } from "@/ui/More";
import { Card, Page } from "@/ui/Page";
import { Empty, Failure } from "@/ui/states";
import { Table } from "@/ui/Table";

export function Sessions() {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const [search] = useAddress();
  const query = useInfiniteQuery(sessions(projectId, useView()));
  const rows = query.data?.pages.flatMap((page) => page.data);
  return (
    <Page title={t("sessions.title")} controls={<><ExportLink what="sessions" /><ViewControls /></>} below={<FilterBar />}>
      <Card>
        {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
        {rows?.length === 0 ? (
          <Empty title={t("sessions.none")} icon={<History className="size-4" aria-hidden />}>{t("common.noDataHint")}</Empty>
        ) : (
          !query.isError && (
            <Table
              label={t("sessions.title")}
              rows={rows}
              dim={query.isPlaceholderData}
              id={(row) => row.id}
              columns={[
                {
                  key: "started",
                  name: t("sessions.started"),
                  cell: (row) => (
                    <Link to="/p/$projectId/sessions/$id" params={{ projectId, id: row.id }} search={kept(search)} className="font-medium hover:underline" title={dateTime(row.startedAt)}>
                      {ago(row.startedAt)}
                    </Link>
                  ),
                },
                { key: "who", name: t("sessions.who"), cell: (row) => <Person id={row.profileId ?? row.visitorId ?? ""} identified={row.profileId !== null} /> },
                { key: "entry", name: t("sessions.entry"), wide: true, className: "w-full", cell: (row) => <span className="text-muted">{row.entryPath}{row.exitPath && row.exitPath !== row.entryPath ? ` → ${row.exitPath}` : ""}</span> },
                { key: "source", name: t("sessions.source"), wide: true, cell: (row) => row.referrerName ?? t("overview.direct") },
                { key: "place", name: t("profiles.place"), wide: true, cell: (row) => row.country && <span className="flex items-center gap-2"><CountryCode code={row.country} /><span className="text-muted">{row.city ?? country(row.country)}</span></span> },
                { key: "views", name: t("sessions.views"), right: true, cell: (row) => whole(row.screenViews) },
                { key: "duration", name: t("sessions.duration"), right: true, cell: (row) => duration(row.duration) },
              ]}
            />
          )
        )}
        <More query={query} />
      </Card>
    </Page>
  );
}
