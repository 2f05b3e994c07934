import { useInfiniteQuery } from "@tanstack/react-query";
import { UsersRound } from "lucide-react";
import { useDeferredValue, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { profiles, type ProfileRow, type ProfileSort } from "@/api/product";
import { ExportLink } from "@/controls/Downloads";
import { FilterBar } from "@/controls/FilterBar";
import { Person } from "@/controls/Person";
import { ViewControls } from "@/controls/ViewControls";
import { ago, country, dateTime, money, whole } from "@/lib/format";
import { useAddress, useProjectId, useView } from "@/lib/search";
import { CountryCode } from "@/ui/CountryCode";
import { SearchField, Select } from "@/ui/fields";
import { More } from "@/ui/More";
import { Card, Page } from "@/ui/Page";
import { Segmented } from "@/ui/Segmented";
import { Empty, Failure } from "@/ui/states";
import { Table } from "@/ui/Table";

const SORTS: readonly ProfileSort[] = ["lastSeen", "firstSeen", "events", "sessions"];

export function nameOf(row: Pick<ProfileRow, "firstName" | "lastName" | "email">): string | null {
  return [row.firstName, row.lastName].filter(Boolean).join(" ") || row.email || null;
}

export function Profiles() {
  const { t } = useTranslation();
  const [search, change] = useAddress();
  const [wanted, setWanted] = useState(search.search ?? "");
  const deferred = useDeferredValue(wanted.trim());
  useEffect(() => {
    if ((search.search ?? "") !== deferred) change({ search: deferred || undefined }, true);
  }, [deferred, search.search, change]);
  const who = search.who === "all" || search.who === "false" ? search.who : "true";
  const sort = SORTS.find((each) => each === search.sort) ?? "lastSeen";
  const query = useInfiniteQuery(profiles(useProjectId(), useView(), { identified: who, sort, ...(deferred ? { search: deferred } : {}) }));
  const rows = query.data?.pages.flatMap((page) => page.data);
  return (
    <Page
      title={t("profiles.title")}
      controls={<><ExportLink what="profiles" /><ViewControls /></>}
      below={<FilterBar />}
      aside={
        <Segmented
          label={t("profiles.title")}
          value={who}
          options={[
            { value: "true", label: t("profiles.identified") },
            { value: "false", label: t("profiles.anonymous") },
            { value: "all", label: t("common.all") },
          ]}
          onChange={(each) => { change({ who: each === "true" ? undefined : each }); }}
        />
      }
    >
      <Card>
        <div className="flex gap-2 border-b border-line p-2">
          <SearchField className="flex-1" label={t("profiles.search")} value={wanted} onChange={(event) => { setWanted(event.target.value); }} />
          <Select aria-label={t("profiles.sort")} className="w-auto!" value={sort} onChange={(event) => { change({ sort: event.target.value === "lastSeen" ? undefined : event.target.value }); }}>
            {SORTS.map((each) => <option key={each} value={each}>{t(`profiles.${each}`)}</option>)}
          </Select>
        </div>
        {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
        {rows?.length === 0 ? (
          <Empty title={t("profiles.none")} icon={<UsersRound className="size-4" aria-hidden />}>{t("profiles.noneHint")}</Empty>
        ) : (
          !query.isError && (
            <Table
              label={t("profiles.title")}
              rows={rows}
              dim={query.isPlaceholderData}
              id={(row) => row.visitorId}
              columns={[
                { key: "who", name: t("profiles.who"), className: "w-full", cell: (row) => <Person id={row.identified ? row.id : row.visitorId} name={nameOf(row)} identified={row.identified} /> },
                { key: "place", name: t("profiles.place"), wide: true, cell: (row) => row.country && <span className="flex items-center gap-2"><CountryCode code={row.country} /><span className="text-muted">{row.city ?? country(row.country)}</span></span> },
                { key: "sessions", name: t("profiles.sessions"), right: true, wide: true, cell: (row) => whole(row.sessions) },
                { key: "events", name: t("profiles.events"), right: true, cell: (row) => whole(row.events) },
                { key: "revenue", name: t("profiles.revenue"), right: true, wide: true, cell: (row) => row.revenue.map((each) => money(each.amount, each.currency)).join(", ") },
                { key: "last", name: t("profiles.lastSeen"), right: true, cell: (row) => row.lastSeen && <span className="text-muted" title={dateTime(row.lastSeen)}>{ago(row.lastSeen)}</span> },
              ]}
            />
          )
        )}
        <More query={query} />
      </Card>
    </Page>
  );
}
