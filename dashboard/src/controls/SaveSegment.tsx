import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { addSegment } from "@/api/kept";
import { useProjectId } from "@/lib/search";
import type { Filter } from "@/lib/view";
import { Button } from "@/ui/Button";
import { Field, Input } from "@/ui/fields";
import { Popover } from "@/ui/Popover";

/** Keeps the filters that hold under a name; in their place stands the segment. */
export function SaveSegment({ filters, onSaved }: { filters: Filter[]; onSaved: (filter: Filter) => void }) {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const work = useMutation({
    mutationFn: async () => (await addSegment(projectId, { name: name.trim(), filters })) as { data: { id: string } },
    onSuccess: async ({ data }) => {
      await client.invalidateQueries({ queryKey: ["manage", projectId, "segments"] });
      onSaved({ name: "segment", operator: "is", value: [data.id] });
    },
  });
  return (
    <Popover
      align="start"
      label={t("filter.saveSegment")}
      trigger={<button type="button" className="h-7 rounded-md px-2 text-xs text-muted hover:text-ink">{t("filter.saveSegment")}</button>}
    >
      {(close) => (
        <form
          className="flex w-64 flex-col gap-2 p-3"
          onSubmit={(event) => {
            event.preventDefault();
            work.mutate(undefined, { onSuccess: close });
          }}
        >
          <Field label={t("common.name")} error={work.error?.message}>
            {(field) => <Input {...field} autoFocus required value={name} onChange={(event) => { setName(event.target.value); }} />}
          </Field>
          <Button type="submit" look="primary" disabled={work.isPending}>{t("common.save")}</Button>
        </form>
      )}
    </Popover>
  );
}
