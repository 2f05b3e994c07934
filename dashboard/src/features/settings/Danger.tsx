import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { removeProject } from "@/api/people";
import { session } from "@/api/session";
import { useProjectId } from "@/lib/search";
import { Ask } from "@/ui/Ask";
import { Button } from "@/ui/Button";
import { Field, Input } from "@/ui/fields";
import { Card } from "@/ui/Page";

/** What cannot be taken back. */
export function Danger() {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const name = useQuery(session()).data?.projects.find((each) => each.id === projectId)?.name ?? "";
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const work = useMutation({
    mutationFn: () => removeProject(projectId, typed),
    onSuccess: async () => {
      await navigate({ to: "/" });
      await queries.invalidateQueries();
    },
  });
  return (
    <Card title={t("project.danger")}>
      <div className="flex flex-wrap items-center gap-3 p-4">
        <p className="min-w-48 flex-1 text-muted">{t("project.removeHint", { name })}</p>
        <Button look="danger" onClick={() => { setOpen(true); }}>{t("project.remove")}</Button>
      </div>
      {open && (
        <Ask title={t("project.remove")} action={t("project.removeDo")} ready={typed === name} work={work} onClose={() => { setOpen(false); }}>
          <p>{t("project.removeHint", { name })}</p>
          <Field label={t("project.type", { name })}>
            {(field) => <Input {...field} autoFocus autoComplete="off" value={typed} onChange={(event) => { setTyped(event.target.value); }} />}
          </Field>
        </Ask>
      )}
    </Card>
  );
}
