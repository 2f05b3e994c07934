import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { changeClient, type Client } from "@/features/settings/api";
import { useProjectId } from "@/lib/search";
import { Button, IconButton } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field, Input } from "@/ui/fields";

/** Whose pages may use a client with its id alone: each is kept, and taken away, at once. */
export function Origins({ client, onClose }: { client: Client; onClose: () => void }) {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const queries = useQueryClient();
  const [typed, setTyped] = useState("");
  const work = useMutation({
    mutationFn: (origins: string[]) => changeClient(projectId, client.id, { origins }),
    onSuccess: (_, asked) => {
      if (asked.length > client.origins.length) setTyped("");
      return queries.invalidateQueries({ queryKey: ["manage", projectId, "clients"] });
    },
  });
  return (
    <Dialog title={t("project.editOrigins", { name: client.name })} onClose={onClose}>
      <ul className="mb-3 divide-y divide-line rounded-lg border border-line">
        {client.origins.length === 0 && <li className="p-2.5 text-muted">{t("ways.allowedNone")}</li>}
        {client.origins.map((each) => (
          <li key={each} className="flex h-9 items-center gap-2 pr-1 pl-3">
            <span className="min-w-0 flex-1 truncate font-mono text-xs">{each}</span>
            <IconButton className="size-7" disabled={work.isPending} label={`${t("common.remove")}: ${each}`} onClick={() => { work.mutate(client.origins.filter((other) => other !== each)); }}>
              <Trash2 className="size-3.5" aria-hidden />
            </IconButton>
          </li>
        ))}
      </ul>
      <form
        className="flex items-start gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          work.mutate([...client.origins, typed]);
        }}
      >
        <div className="min-w-0 flex-1">
          <Field label={t("project.origin")} hint={t("project.originHint")} error={work.error?.message}>
            {(field) => <Input {...field} autoFocus required autoComplete="off" spellCheck={false} placeholder="https://example.com" value={typed} onChange={(event) => { setTyped(event.target.value); work.reset(); }} />}
          </Field>
        </div>
        <Button type="submit" look="primary" className="mt-5" disabled={work.isPending}>{t("common.add")}</Button>
      </form>
    </Dialog>
  );
}
