import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { addGoal } from "@/api/kept";
import { EventPicker } from "@/controls/EventPicker";
import { useProjectId } from "@/lib/search";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field, Input } from "@/ui/fields";
import { Segmented } from "@/ui/Segmented";

/** A goal is an event that happened, or a page that was seen. */
export function NewGoal({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const client = useQueryClient();
  const [kind, setKind] = useState<"event" | "page">("event");
  const [event, setEvent] = useState("");
  const [page, setPage] = useState("");
  const [name, setName] = useState("");
  const what = kind === "event" ? event : page.trim();
  const work = useMutation({
    mutationFn: () => addGoal(projectId, { name: name.trim() || what, ...(kind === "event" ? { event } : { page: what }) }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["insights", projectId, "goals"] });
      onClose();
    },
  });
  return (
    <Dialog title={t("goals.new")} onClose={onClose}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(submitted) => {
          submitted.preventDefault();
          work.mutate();
        }}
      >
        <div className="w-max">
          <Segmented label={t("goals.kind")} value={kind} options={[{ value: "event", label: t("goals.event") }, { value: "page", label: t("goals.page") }]} onChange={setKind} />
        </div>
        {kind === "event" ? (
          <Field label={t("goals.event")}>{(field) => <EventPicker {...field} label={t("goals.event")} any="–" value={event} onChange={(each) => { setEvent(each ?? ""); }} />}</Field>
        ) : (
          <Field label={t("goals.page")} hint={t("goals.pageHint")}>{(field) => <Input {...field} autoFocus placeholder="/thanks*" value={page} onChange={(typed) => { setPage(typed.target.value); }} />}</Field>
        )}
        <Field label={t("common.name")} error={work.error?.message}>{(field) => <Input {...field} placeholder={what} value={name} onChange={(typed) => { setName(typed.target.value); }} />}</Field>
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" look="primary" disabled={!what || work.isPending}>{t("common.save")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
