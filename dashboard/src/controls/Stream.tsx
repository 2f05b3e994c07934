import { useInfiniteQuery } from "@tanstack/react-query";
import { Activity } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { events, type EventRow } from "@/api/product";
import { EventDetail } from "@/controls/EventDetail";
import { Person } from "@/controls/Person";
import { useNames } from "@/controls/useNames";
import { ago, country, dateTime } from "@/lib/format";
import { useProjectId, useView } from "@/lib/search";
import { CountryCode } from "@/ui/CountryCode";
import { More } from "@/ui/More";
import { Empty, Failure } from "@/ui/states";
import { Table } from "@/ui/Table";

/** Single events, the newest first; new ones come by themselves. */
export function Stream() {
  const { t } = useTranslation();
  const query = useInfiniteQuery({ ...events(useProjectId(), useView()), refetchInterval: 10_000 });
  const names = useNames();
  const [open, setOpen] = useState<EventRow | null>(null);
  const rows = query.data?.pages.flatMap((page) => page.data);
  if (query.isError) return <Failure error={query.error} onRetry={() => void query.refetch()} />;
  if (rows?.length === 0) return <Empty title={t("events.none")} icon={<Activity className="size-4" aria-hidden />}>{t("common.noDataHint")}</Empty>;
  return (
    <>
      <Table
        label={t("events.stream")}
        rows={rows}
        dim={query.isPlaceholderData}
        id={(row) => row.id}
        columns={[
          { key: "name", name: t("dim.name"), cell: (row) => <button type="button" className="font-medium hover:underline" onClick={() => { setOpen(row); }}>{names.label("event", row.name)}</button> },
          { key: "page", name: t("events.page"), className: "w-full text-muted", cell: (row) => row.path },
          { key: "who", name: t("events.who"), wide: true, cell: (row) => <Person id={row.profileId ?? row.visitorId ?? ""} identified={row.profileId !== null} /> },
          { key: "where", name: t("events.where"), wide: true, cell: (row) => row.country && <span className="flex items-center gap-2"><CountryCode code={row.country} /><span className="text-muted">{row.city ?? country(row.country)}</span></span> },
          { key: "when", name: t("events.when"), right: true, cell: (row) => <time dateTime={row.timestamp} title={dateTime(row.timestamp)} className="text-muted">{ago(row.timestamp)}</time> },
        ]}
      />
      <More query={query} />
      {open && <EventDetail event={open} onClose={() => { setOpen(null); }} />}
    </>
  );
}
