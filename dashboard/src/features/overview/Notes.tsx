import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Flag, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { addAnnotation, annotations, removeAnnotation } from "@/api/kept";
import { dateTime } from "@/lib/format";
import { useProjectId } from "@/lib/search";
import { shared } from "@/lib/shared";
import { Button, IconButton } from "@/ui/Button";
import { Field, Input } from "@/ui/fields";
import { Popover } from "@/ui/Popover";

/** An instant as the project's clocks show it: 2026-03-02T10:00:00. */
function wall(instant: Date, timeZone: string): string {
  const parts = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" });
  return parts.format(instant).replace(" ", "T");
}

/** Annotations of the span as marks of a chart: the bucket that each falls into. `dates` begin the buckets. */
export function useNotes(dates: readonly string[], meta: { from: string; to: string; timezone: string }): { index: number; text: string }[] {
  const query = useQuery({ ...annotations(useProjectId()), enabled: shared() === null });
  return (query.data?.data ?? []).flatMap((note) => {
    const at = new Date(note.at);
    if (at < new Date(meta.from) || at >= new Date(meta.to)) return [];
    const local = wall(at, meta.timezone);
    const index = dates.findLastIndex((date) => (date.length > 10 ? new Date(date) <= at : date <= local));
    return index < 0 ? [] : [{ index, text: note.text }];
  });
}

/** What happened and when: written down, listed, taken away. */
export function Notes() {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const client = useQueryClient();
  const query = useQuery({ ...annotations(projectId), enabled: shared() === null });
  const [text, setText] = useState("");
  const [at, setAt] = useState(() => wall(new Date(), Intl.DateTimeFormat().resolvedOptions().timeZone).slice(0, 16));
  const again = () => client.invalidateQueries({ queryKey: ["manage", projectId, "annotations"] });
  const add = useMutation({
    mutationFn: () => addAnnotation(projectId, { at: new Date(at).toISOString(), text: text.trim() }),
    onSuccess: () => {
      setText("");
      return again();
    },
  });
  const remove = useMutation({ mutationFn: (id: string) => removeAnnotation(projectId, id), onSuccess: again });
  const rows = [...(query.data?.data ?? [])].reverse();
  if (shared()) return null;
  return (
    <Popover
      label={t("notes.title")}
      trigger={
        <IconButton label={t("notes.title")} className="size-7" data-plain>
          <Flag className="size-3.5" aria-hidden />
        </IconButton>
      }
    >
      {() => (
        <div className="w-80 p-3">
          <form
            className="flex flex-col gap-2"
            onSubmit={(event) => {
              event.preventDefault();
              add.mutate();
            }}
          >
            <Field label={t("notes.text")} error={add.error?.message}>
              {(field) => <Input {...field} autoFocus required maxLength={500} placeholder={t("notes.example")} value={text} onChange={(event) => { setText(event.target.value); }} />}
            </Field>
            <div className="flex items-end gap-2">
              <div className="flex-1">
                <Field label={t("notes.when")}>{(field) => <Input {...field} type="datetime-local" required value={at} onChange={(event) => { setAt(event.target.value); }} />}</Field>
              </div>
              <Button type="submit" look="primary" disabled={add.isPending}>{t("common.add")}</Button>
            </div>
          </form>
          {rows.length > 0 && (
            <ul className="mt-3 max-h-60 overflow-y-auto border-t border-line pt-1">
              {rows.map((note) => (
                <li key={note.id} className="flex items-start gap-2 py-1.5">
                  <span className="mt-1.5 size-2 shrink-0 rounded-full bg-warn" aria-hidden />
                  <span className="min-w-0 flex-1">
                    <span className="block break-words">{note.text}</span>
                    <span className="text-xs text-muted">{dateTime(note.at)}</span>
                  </span>
                  <IconButton className="size-7" label={`${t("common.delete")}: ${note.text}`} onClick={() => { remove.mutate(note.id); }}>
                    <Trash2 className="size-3.5" aria-hidden />
                  </IconButton>
                </li>
              ))}
            </ul>
          )}
        </div>
      )}
    </Popover>
  );
}
