import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Eye, EyeOff, Pencil, Plus, Tags } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { names, resetName, setName, type NameChange, type NameKind, type ShownName } from "@/api/names";
import { eventNames, propertyKeys } from "@/api/queries";
import { may, session } from "@/api/session";
import { propertyOf } from "@/lib/names";
import { useProjectId } from "@/lib/search";
import { Ask } from "@/ui/Ask";
import { Button, IconButton } from "@/ui/Button";
import { Field, Input, SearchField } from "@/ui/fields";
import { Card } from "@/ui/Page";
import { Segmented } from "@/ui/Segmented";
import { Empty, Failure } from "@/ui/states";
import { Table } from "@/ui/Table";

const KINDS: readonly NameKind[] = ["event", "property", "profile"];
const LONG = { range: "12m", filters: [] } as const;

/** Names that were sent, the most frequent first. */
function useSent(kind: NameKind): { sent: string[]; isPending: boolean } {
  const projectId = useProjectId();
  const events = useQuery({ ...eventNames(projectId, { ...LONG, filters: [] }, 500), enabled: kind === "event" });
  const keys = useQuery({ ...propertyKeys(projectId, { ...LONG, filters: [] }, kind === "profile" ? "profile" : "event"), enabled: kind !== "event" });
  if (kind === "event") return { sent: events.data?.data.map((row) => row.name) ?? [], isPending: events.isPending };
  return { sent: keys.data?.data.flatMap((row) => propertyOf(row.name)?.[1] ?? []) ?? [], isPending: keys.isPending };
}

/** What was sent and what is named, each once; `own`: what is named. */
function useRows(kind: NameKind, wanted: string): { rows: ShownName[]; own: ReadonlyMap<string, ShownName>; waiting: boolean } {
  const kept = useQuery(names(useProjectId()));
  const { sent, isPending } = useSent(kind);
  const own = new Map((kept.data?.data ?? []).filter((each) => each.kind === kind).map((each) => [each.name, each]));
  const all = [...new Set([...sent, ...own.keys()])].map((name): ShownName => own.get(name) ?? { kind, name, label: "", description: "", hidden: false });
  const rows = all.filter((each) => `${each.name} ${each.label} ${each.description}`.toLowerCase().includes(wanted));
  return { rows, own, waiting: isPending || kept.isPending };
}

/** What events and properties are called, and which of them lists leave out. */
export function Names() {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const queries = useQueryClient();
  const mayChange = may(useQuery(session()).data?.projects.find((each) => each.id === projectId), "saved.write");
  const [kind, setKind] = useState<NameKind>("event");
  const [wanted, setWanted] = useState("");
  const [open, setOpen] = useState<ShownName | "new" | null>(null);
  const kept = useQuery(names(projectId));
  const again = () => queries.invalidateQueries({ queryKey: names(projectId).queryKey });
  const change = useMutation({ mutationFn: (each: NameChange) => setName(projectId, each), onSuccess: again });
  const { rows, own, waiting } = useRows(kind, wanted.trim().toLowerCase());
  return (
    <Card title={t("project.tabs.names")} controls={mayChange && <Button onClick={() => { setOpen("new"); }}><Plus className="size-3.5" aria-hidden />{t("names.add")}</Button>}>
      <p className="border-b border-line px-4 py-2.5 text-muted">{t("names.hint")}{!mayChange && ` ${t("project.noRight")}`}</p>
      <div className="flex flex-wrap gap-2 border-b border-line p-3">
        <Segmented label={t("names.kind")} value={kind} options={KINDS.map((value) => ({ value, label: t(`names.kinds.${value}`) }))} onChange={setKind} />
        <SearchField label={t("common.search")} className="min-w-36 flex-1" value={wanted} onChange={(event) => { setWanted(event.target.value); }} />
      </div>
      {kept.isError && <Failure error={kept.error} onRetry={() => void kept.refetch()} />}
      {change.error && <p role="alert" className="px-4 pt-3 text-bad">{change.error.message}</p>}
      {!waiting && rows.length === 0 ? (
        <Empty title={t("names.none")} icon={<Tags className="size-4" aria-hidden />}>{t("names.noneHint")}</Empty>
      ) : (
        <Table
          label={t("project.tabs.names")}
          rows={waiting ? undefined : rows}
          id={(row) => row.name}
          columns={[
            { key: "sent", name: t("names.sent"), className: "font-mono text-xs", cell: (row) => <span title={row.name} className={row.hidden ? "text-muted" : ""}>{row.name}</span> },
            {
              key: "label",
              name: t("names.label"),
              className: "w-full",
              cell: (row) => (
                <span title={row.description}>
                  <span className="font-medium">{row.label}</span>
                  {row.hidden && <span className="ml-2 rounded bg-hover px-1.5 text-2xs text-muted">{t("names.hidden")}</span>}
                  {row.description && <span className="block truncate text-xs text-muted">{row.description}</span>}
                </span>
              ),
            },
            ...(mayChange ? [{ key: "does", name: "", right: true, cell: (row: ShownName) => <Does row={row} busy={change.isPending} onHide={() => { change.mutate({ kind, name: row.name, hidden: !row.hidden }); }} onEdit={() => { setOpen(row); }} /> }] : []),
          ]}
        />
      )}
      {open !== null && <Edit now={open === "new" ? { kind, name: "", label: "", description: "", hidden: false } : open} kept={open !== "new" && own.has(open.name)} onDone={again} onClose={() => { setOpen(null); }} />}
    </Card>
  );
}

function Does({ row, busy, onHide, onEdit }: { row: ShownName; busy: boolean; onHide: () => void; onEdit: () => void }) {
  const { t } = useTranslation();
  return (
    <span className="inline-flex">
      <IconButton label={t(row.hidden ? "names.showOne" : "names.hideOne", { name: row.name })} disabled={busy} onClick={onHide}>
        {row.hidden ? <EyeOff className="size-4" aria-hidden /> : <Eye className="size-4" aria-hidden />}
      </IconButton>
      <IconButton label={t("names.edit", { name: row.name })} onClick={onEdit}><Pencil className="size-4" aria-hidden /></IconButton>
    </span>
  );
}

function Edit({ now, kept, onDone, onClose }: { now: ShownName; kept: boolean; onDone: () => Promise<void>; onClose: () => void }) {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const [name, setRaw] = useState(now.name);
  const [label, setLabel] = useState(now.label);
  const [description, setDescription] = useState(now.description);
  const [hidden, setHidden] = useState(now.hidden);
  const finish = async () => {
    await onDone();
    onClose();
  };
  const work = useMutation({ mutationFn: () => setName(projectId, { kind: now.kind, name, label, description, hidden }), onSuccess: finish });
  const reset = useMutation({ mutationFn: () => resetName(projectId, now.kind, now.name), onSuccess: finish });
  return (
    <Ask title={now.name || t("names.add")} action={t("common.save")} look="primary" work={{ ...work, mutate: () => { work.mutate(); }, error: work.error ?? reset.error }} onClose={onClose}>
      {now.name === "" && (
        <Field label={t("names.sent")}>{(field) => <Input {...field} autoFocus required maxLength={200} className="font-mono" value={name} onChange={(event) => { setRaw(event.target.value); }} />}</Field>
      )}
      <Field label={t("names.label")}>
        {(field) => <Input {...field} autoFocus={now.name !== ""} maxLength={200} placeholder={name} value={label} onChange={(event) => { setLabel(event.target.value); }} />}
      </Field>
      <Field label={t("names.description")}>
        {(field) => <textarea {...field} rows={2} maxLength={500} className="w-full rounded-lg border border-line-strong bg-surface p-2.5 dark:bg-sunken" value={description} onChange={(event) => { setDescription(event.target.value); }} />}
      </Field>
      <label className="flex items-center gap-2">
        <input type="checkbox" className="size-4 accent-(--accent)" checked={hidden} onChange={(event) => { setHidden(event.target.checked); }} />
        {t("names.hide")}
      </label>
      {kept && <div><Button look="quiet" disabled={reset.isPending} onClick={() => { reset.mutate(); }}>{t("names.reset")}</Button></div>}
    </Ask>
  );
}
