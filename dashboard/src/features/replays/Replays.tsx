import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Clapperboard } from "lucide-react";
import { useTranslation } from "react-i18next";

import { recordings } from "@/api/replays";
import { Person } from "@/controls/Person";
import { ViewControls } from "@/controls/ViewControls";
import { ago, dateTime, decimal, duration } from "@/lib/format";
import { kept, useAddress, useProjectId, useView } from "@/lib/search";
import { Card, Page } from "@/ui/Page";
import { Empty, Failure } from "@/ui/states";
import { Table } from "@/ui/Table";

/** Sessions that were recorded, the newest first. */
export function Replays() {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const [search] = useAddress();
  const query = useQuery(recordings(projectId, useView()));
  const rows = query.data?.data;
  return (
    <Page title={t("replays.title")} controls={<ViewControls filter={false} />}>
      <Card>
        {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
        {rows?.length === 0 ? (
          <Empty title={t("replays.none")} icon={<Clapperboard className="size-4" aria-hidden />} className="min-h-64">{t("replays.noneHint")}</Empty>
        ) : (
          !query.isError && (
            <Table
              label={t("replays.title")}
              rows={rows}
              id={(row) => row.id}
              columns={[
                { key: "started", name: t("sessions.started"), cell: (row) => <Link to="/p/$projectId/replays/$id" params={{ projectId, id: row.id }} search={kept(search)} className="font-medium hover:underline" title={dateTime(row.started)}>{ago(row.started)}</Link> },
                { key: "who", name: t("sessions.who"), className: "w-full", cell: (row) => <Person id={row.profileId ?? row.deviceId ?? row.id} identified={row.profileId !== null} /> },
                { key: "length", name: t("replays.length"), right: true, cell: (row) => duration((new Date(row.ended).getTime() - new Date(row.started).getTime()) / 1000) },
                { key: "size", name: t("replays.size"), right: true, wide: true, cell: (row) => <span className="text-muted">{decimal(row.bytes / 1024, 0)} kB</span> },
              ]}
            />
          )
        )}
      </Card>
    </Page>
  );
}
