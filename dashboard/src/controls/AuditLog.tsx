import { useQuery } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { ScrollText } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { audit, ownAudit, type AuditEntry, type Place } from "@/api/people";
import { ago, dateTime } from "@/lib/format";
import { SearchField } from "@/ui/fields";
import { Card } from "@/ui/Page";
import { Empty, Failure } from "@/ui/states";
import { Table } from "@/ui/Table";

/** What was done, in words: a known sentence, or what the route's last noun says. */
function words(t: TFunction, action: string): string {
  const known = t("audit.known", { returnObjects: true }) as Record<string, string>;
  if (known[action]) return known[action];
  const [method = "", path = ""] = action.split(" ");
  const noun = path.split("/").filter((each) => each && !each.startsWith("{")).at(-1) ?? path;
  const nouns = t("audit.nouns", { returnObjects: true }) as Record<string, string>;
  const verbs = t("audit.verbs", { returnObjects: true }) as Record<string, string>;
  return (verbs[method] ?? "{{what}}").replace("{{what}}", nouns[noun] ?? noun);
}

/** Who changed what in a place; without one, what one did oneself. */
export function AuditLog({ place }: { place?: Place }) {
  const { t } = useTranslation();
  const elsewhere = useQuery({ ...audit(place ?? { projectId: "" }), enabled: place !== undefined });
  const own = useQuery({ ...ownAudit(), enabled: place === undefined });
  const query = place ? elsewhere : own;
  const [wanted, setWanted] = useState("");
  const rows = query.data?.data.filter((each) =>
    `${each.actor} ${words(t, each.action)} ${each.address}`.toLowerCase().includes(wanted.trim().toLowerCase()),
  );
  return (
    <Card title={t(place ? "audit.title" : "me.activity")} controls={<SearchField label={t("audit.search")} className="w-40 sm:w-56" value={wanted} onChange={(event) => { setWanted(event.target.value); }} />}>
      <p className="border-b border-line px-4 py-2.5 text-muted">{t("audit.hint")}</p>
      {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.data?.data.length === 0 ? (
        <Empty title={t("audit.none")} icon={<ScrollText className="size-4" aria-hidden />}>{t("audit.noneHint")}</Empty>
      ) : (
        <Table
          label={t("audit.title")}
          rows={rows}
          id={(row: AuditEntry) => row.id}
          columns={[
            { key: "when", name: t("audit.when"), cell: (row) => <time dateTime={row.at} title={dateTime(row.at)}>{ago(row.at)}</time> },
            ...(place ? [{ key: "who", name: t("audit.who"), cell: (row: AuditEntry) => `${row.actor}${row.actor_kind === "user" ? "" : ` (${t("audit.kinds", { returnObjects: true })[row.actor_kind] ?? row.actor_kind})`}` }] : []),
            { key: "what", name: t("audit.what"), className: "w-full", cell: (row) => <span title={row.action}>{words(t, row.action)}</span> },
            { key: "from", name: t("audit.from"), wide: true, className: "font-mono text-xs text-muted", cell: (row) => row.address },
          ]}
        />
      )}
    </Card>
  );
}
