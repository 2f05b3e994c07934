import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Bookmark } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { saveReport } from "@/api/product";
import { useProjectId } from "@/lib/search";
import { Button } from "@/ui/Button";
import { Field, Input } from "@/ui/fields";
import { Popover } from "@/ui/Popover";

interface Props {
  route: string;
  body?: unknown;
  parameters?: Record<string, unknown>;
  disabled?: boolean;
}

/** Keeps the question on the page under a name. */
export function SaveReport({ route, body, parameters, disabled = false }: Props) {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const work = useMutation({
    mutationFn: () => saveReport(projectId, { name, route, ...(body === undefined ? {} : { body }), ...(parameters ? { parameters } : {}) }),
    onSuccess: () => {
      setName("");
      void client.invalidateQueries({ queryKey: ["manage", projectId, "reports"] });
    },
  });
  return (
    <Popover
      label={t("reports.save")}
      trigger={
        <Button disabled={disabled} aria-label={t("reports.save")}>
          <Bookmark className="size-3.5 text-muted" aria-hidden />
          <span className="hidden sm:inline">{t("common.save")}</span>
        </Button>
      }
    >
      {(close) => (
      <form
        className="flex w-64 flex-col gap-2 p-3"
        onSubmit={(event) => {
          event.preventDefault();
          work.mutate(undefined, { onSuccess: close });
        }}
      >
        <Field label={t("reports.name")} error={work.error?.message}>
          {(field) => <Input {...field} autoFocus required value={name} onChange={(event) => { setName(event.target.value); }} />}
        </Field>
        <Button type="submit" look="primary" disabled={work.isPending}>{t("common.save")}</Button>
      </form>
      )}
    </Popover>
  );
}
