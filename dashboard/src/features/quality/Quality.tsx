import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { special, SPECIALS, type Special } from "@/api/kept";
import { Downloads } from "@/controls/Downloads";
import { FilterBar } from "@/controls/FilterBar";
import { ViewControls } from "@/controls/ViewControls";
import { Nothing, number, type Row } from "@/features/quality/rows";
import { Vitals } from "@/features/quality/Vitals";
import { ago, dateTime, decimal, whole } from "@/lib/format";
import { useAddress, useProjectId, useView } from "@/lib/search";
import { Delta } from "@/ui/Delta";
import { Card, Page } from "@/ui/Page";
import { Segmented } from "@/ui/Segmented";
import { Failure } from "@/ui/states";
import { Table, type Col } from "@/ui/Table";

function text(row: Row, key: string): string {
  const value = row[key];
  return typeof value === "string" ? value : "";
}

/** How the site itself does: its speed, errors, and small things that people do on it. */
export function Quality() {
  const { t } = useTranslation();
  const [search, change] = useAddress();
  const which = SPECIALS.find((each) => each === search.tab) ?? "web-vitals";
  return (
    <Page title={t("quality.title")} controls={<ViewControls compare />} below={<FilterBar />}>
      <div className="mb-2 border-b border-line px-1 pb-1">
        <Segmented
          look="tabs"
          label={t("quality.title")}
          value={which}
          options={SPECIALS.map((value) => ({ value, label: t(`quality.kinds.${value}`) }))}
          onChange={(each) => { change({ tab: each === "web-vitals" ? undefined : each }); }}
        />
      </div>
      {which === "web-vitals" ? <Vitals /> : <List key={which} which={which} />}
    </Page>
  );
}

const HEADS: Record<Exclude<Special, "web-vitals">, "message" | "path" | "file" | "link"> = {
  errors: "message", "scroll-depth": "path", downloads: "file", "outgoing-links": "link", "not-found": "path",
};

function List({ which }: { which: Exclude<Special, "web-vitals"> }) {
  const { t } = useTranslation();
  const query = useQuery(special(useProjectId(), useView(), which));
  const data = query.data?.data;
  const rows = data?.rows as Row[] | undefined;
  const title = t(`quality.kinds.${which}`);
  const extra: Col<Row>[] =
    which === "scroll-depth"
      ? [
          { key: "depth", name: t("quality.depth"), right: true, cell: (row) => `${decimal(number(row, "average_depth") ?? 0, 0)}%` },
          ...[25, 50, 75, 100].map((depth): Col<Row> => ({ key: `r${depth}`, name: `≥ ${depth}%`, right: true, wide: true, cell: (row) => <Share value={number(row, `reached_${depth}`) ?? 0} /> })),
        ]
      : [];
  const columns: Col<Row>[] = [
    { key: "value", name: t(`quality.heads.${HEADS[which]}`), className: "w-full", cell: (row) => <Value row={row} which={which} /> },
    ...extra,
    { key: "events", name: t("quality.count"), right: true, cell: (row) => whole(number(row, "events") ?? 0) },
    { key: "change", name: t("goals.change"), right: true, wide: true, cell: (row) => <Delta value={number((row["change"] ?? {}) as Row, "events")} inverse={which === "errors" || which === "not-found"} /> },
    { key: "people", name: t("overview.visitors"), right: true, cell: (row) => whole(number(row, "unique_visitors") ?? 0) },
    { key: "last", name: t("events.last"), right: true, wide: true, cell: (row) => <span className="text-muted" title={row["last_seen"] ? dateTime(text(row, "last_seen")) : undefined}>{row["last_seen"] ? ago(text(row, "last_seen")) : "–"}</span> },
  ];
  return (
    <Card
      title={title}
      controls={rows && rows.length > 0 && <Downloads name={title} picture={false} sheet={() => [[t(`quality.heads.${HEADS[which]}`), t("quality.count"), t("overview.visitors")], rows.map((row) => [nameOf(row, t("common.other")), row["events"], row["unique_visitors"]])]} />}
    >
      {query.isError ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : rows?.length === 0 ? (
        <Nothing which={which} />
      ) : (
        <Table label={title} rows={rows} dim={query.isPlaceholderData} id={(row) => JSON.stringify([row["values"], row["other"]])} columns={columns} />
      )}
    </Card>
  );
}

function nameOf(row: Row, other: string): string {
  const value = (row["values"] as unknown[] | undefined)?.[0];
  return row["other"] ? other : typeof value === "string" ? value : "–";
}

function Value({ row, which }: { row: Row; which: Special }): ReactNode {
  const { t } = useTranslation();
  return (
    <span className="flex min-w-0 items-baseline gap-2">
      <span className="truncate font-medium" title={nameOf(row, t("common.other"))}>{nameOf(row, t("common.other"))}</span>
      {which === "errors" && <span className="truncate text-xs text-muted">{[text(row, "type"), text(row, "path")].filter(Boolean).join(" · ")}</span>}
      {which === "not-found" && text(row, "referrer") && <span className="truncate text-xs text-muted">{text(row, "referrer")}</span>}
    </span>
  );
}

function Share({ value }: { value: number }) {
  return (
    <span className="inline-flex items-center gap-2">
      <span aria-hidden className="block h-1.5 w-12 rounded-full bg-hover"><span className="block h-full rounded-full bg-accent" style={{ width: `${value}%` }} /></span>
      <span className="w-8">{decimal(value, 0)}%</span>
    </span>
  );
}
