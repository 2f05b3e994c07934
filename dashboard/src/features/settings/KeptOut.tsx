import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ShieldOff, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { addFilter, excluded, filters, removeFilter } from "@/features/settings/api";
import { whole } from "@/lib/format";
import { useProjectId } from "@/lib/search";
import { Button, IconButton } from "@/ui/Button";
import { Input, Select } from "@/ui/fields";
import { Card } from "@/ui/Page";
import { Empty, Failure, Skeleton } from "@/ui/states";
import { Table } from "@/ui/Table";

const KINDS = ["ip", "path", "event", "profile"] as const;

/** What is kept out of the numbers, and how much that was. */
export function KeptOut() {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const queries = useQueryClient();
  const query = useQuery(filters(projectId));
  const out = useQuery(excluded(projectId));
  const [kind, setKind] = useState<string>("ip");
  const [value, setValue] = useState("");
  const [note, setNote] = useState("");
  const again = () => queries.invalidateQueries({ queryKey: ["manage", projectId, "filters"] });
  const add = useMutation({
    mutationFn: () => addFilter(projectId, { kind, value, note }),
    onSuccess: () => {
      setValue("");
      setNote("");
      return again();
    },
  });
  const remove = useMutation({ mutationFn: (id: string) => removeFilter(projectId, id), onSuccess: again });
  const problem = add.error ?? remove.error;
  return (
    <div className="flex flex-col gap-3">
      <Card title={t("settings.exclude")}>
        <form
          className="grid gap-2 border-b border-line p-3 sm:grid-cols-[180px_1fr_1fr_auto]"
          onSubmit={(event) => {
            event.preventDefault();
            add.mutate();
          }}
        >
          <Select aria-label={t("settings.kind")} value={kind} onChange={(event) => { setKind(event.target.value); }}>
            {KINDS.map((each) => <option key={each} value={each}>{t(`settings.kinds.${each}`)}</option>)}
          </Select>
          <Input aria-label={t("settings.value")} placeholder={t("settings.value")} required value={value} onChange={(event) => { setValue(event.target.value); }} />
          <Input aria-label={t("settings.note")} placeholder={t("settings.note")} value={note} onChange={(event) => { setNote(event.target.value); }} />
          <Button type="submit" look="primary" disabled={add.isPending}>{t("common.add")}</Button>
        </form>
        {problem && <p role="alert" className="px-4 pt-3 text-bad">{problem.message}</p>}
        {query.isError && <Failure error={query.error} />}
        {query.isPending && <Skeleton className="m-4 h-16" />}
        {query.data?.data.length === 0 && <Empty title={t("settings.noFilters")} icon={<ShieldOff className="size-4" aria-hidden />}>{t("settings.noFiltersHint")}</Empty>}
        <ul className="divide-y divide-line">
          {query.data?.data.map((each) => (
            <li key={each.id} className="flex h-11 items-center gap-3 pr-2 pl-4">
              <span className="w-32 shrink-0 text-muted">{t(`settings.kinds.${each.kind}`)}</span>
              <span className="min-w-0 flex-1 truncate font-mono text-xs">{each.value}</span>
              <span className="truncate text-muted">{each.note}</span>
              <IconButton label={`${t("common.remove")}: ${each.value}`} onClick={() => { remove.mutate(each.id); }}><Trash2 className="size-4" aria-hidden /></IconButton>
            </li>
          ))}
        </ul>
      </Card>
      <Card title={t("settings.excluded")}>
        <Table
          label={t("settings.excluded")}
          rows={out.data?.data}
          skeletons={3}
          id={(row) => `${row.reason}${row.name ?? ""}`}
          columns={[
            { key: "reason", name: t("settings.reason"), cell: (row) => row.reason },
            { key: "name", name: t("settings.name"), className: "w-full text-muted", cell: (row) => row.name },
            { key: "count", name: t("settings.count"), right: true, cell: (row) => whole(row.count) },
          ]}
        />
      </Card>
    </div>
  );
}
