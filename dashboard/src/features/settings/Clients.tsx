import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Globe, KeyRound, Plus, RotateCw, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { may, session } from "@/api/session";
import { addClient, clients, revokeClient, rotateClient, type Client, type ClientType } from "@/features/settings/api";
import { Origins } from "@/features/settings/Origins";
import { cx } from "@/lib/classes";
import { useProjectId } from "@/lib/search";
import { Button, IconButton } from "@/ui/Button";
import { CopyButton, Code } from "@/ui/Copy";
import { Dialog } from "@/ui/Dialog";
import { Field, Input, Select } from "@/ui/fields";
import { Card } from "@/ui/Page";
import { Failure, Skeleton } from "@/ui/states";

const TYPES: readonly ClientType[] = ["write", "read", "root"];

/** Clients: made, given a new secret, revoked. A secret is shown once. */
export function Clients() {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const query = useQuery(clients(projectId));
  const steer = may(useQuery(session()).data?.projects.find((each) => each.id === projectId), "clients.write");
  const [open, setOpen] = useState<"new" | { client: Client; does: "origins" | "rotate" | "revoke" } | null>(null);
  const close = () => { setOpen(null); };
  return (
    <Card title={t("settings.clients")} controls={steer && <Button onClick={() => { setOpen("new"); }}><Plus className="size-3.5" aria-hidden />{t("settings.newClient")}</Button>}>
      {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton className="m-4 h-40" />}
      <ul className="divide-y divide-line">
        {query.data?.data.map((each) => (
          <li key={each.id} className={cx("flex items-center gap-3 py-2.5 pr-2 pl-4", each.revoked && "text-muted")}>
            <KeyRound className="size-4 shrink-0 text-muted" aria-hidden />
            <div className="min-w-0 flex-1">
              <p className="flex items-center gap-2">
                <span className="truncate font-medium">{each.name}</span>
                <span className="rounded bg-hover px-1.5 text-2xs">{each.revoked ? t("settings.revoked") : each.type}</span>
              </p>
              <p className="truncate font-mono text-xs text-muted">{each.id}</p>
              {!each.revoked && each.origins.length > 0 && <p className="truncate text-xs text-muted" title={each.origins.join("\n")}>{t("project.origins")}: <span className="font-mono">{each.origins.join(", ")}</span></p>}
            </div>
            <CopyButton text={each.id} />
            {steer && !each.revoked && (
              <>
                <IconButton label={`${t("project.origins")}: ${each.name}`} onClick={() => { setOpen({ client: each, does: "origins" }); }}><Globe className="size-4" aria-hidden /></IconButton>
                <IconButton label={`${t("settings.rotate")}: ${each.name}`} onClick={() => { setOpen({ client: each, does: "rotate" }); }}><RotateCw className="size-4" aria-hidden /></IconButton>
                <IconButton label={`${t("settings.revoke")}: ${each.name}`} onClick={() => { setOpen({ client: each, does: "revoke" }); }}><Trash2 className="size-4" aria-hidden /></IconButton>
              </>
            )}
          </li>
        ))}
      </ul>
      {open === "new" && <NewClient onClose={close} />}
      {open !== null && open !== "new" && open.does !== "origins" && <Change client={open.client} does={open.does} onClose={close} />}
      {open !== null && open !== "new" && open.does === "origins" && <Origins client={query.data?.data.find((each) => each.id === open.client.id) ?? open.client} onClose={close} />}
    </Card>
  );
}

function Secret({ id, secret }: { id: string; secret: string }) {
  const { t } = useTranslation();
  return (
    <div className="flex flex-col gap-3">
      <p className="rounded-lg bg-warn-soft p-2.5 text-warn">{t("settings.secretOnce")}</p>
      <p className="text-xs font-medium">{t("settings.id")}</p>
      <Code label={t("settings.id")} text={id} />
      <p className="text-xs font-medium">{t("settings.secret")}</p>
      <Code label={t("settings.secret")} text={secret} />
    </div>
  );
}

function NewClient({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [type, setType] = useState<ClientType>("write");
  const [origins, setOrigins] = useState("");
  const work = useMutation({
    mutationFn: () => addClient(projectId, { name, type, origins: origins.split(/\s+/).filter(Boolean) }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["manage", projectId, "clients"] }),
  });
  return (
    <Dialog title={t("settings.newClient")} onClose={onClose}>
      {work.data ? (
        <Secret id={work.data.data.id} secret={work.data.data.secret} />
      ) : (
        <form
          className="flex flex-col gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            work.mutate();
          }}
        >
          <Field label={t("settings.name")}>{(field) => <Input {...field} autoFocus required value={name} onChange={(event) => { setName(event.target.value); }} />}</Field>
          <Field label={t("settings.type")}>
            {(field) => (
              <Select {...field} value={type} onChange={(event) => { setType(event.target.value as ClientType); }}>
                {TYPES.map((each) => <option key={each} value={each}>{t(`settings.types.${each}`)}</option>)}
              </Select>
            )}
          </Field>
          <Field label={t("settings.origins")} error={work.error?.message}>
            {(field) => <textarea {...field} rows={3} placeholder="https://example.com" className="w-full rounded-lg border border-line-strong bg-surface p-2.5 dark:bg-sunken" value={origins} onChange={(event) => { setOrigins(event.target.value); }} />}
          </Field>
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>{t("common.cancel")}</Button>
            <Button type="submit" look="primary" disabled={work.isPending}>{t("common.add")}</Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

function Change({ client, does, onClose }: { client: Client; does: "rotate" | "revoke"; onClose: () => void }) {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const queries = useQueryClient();
  const work = useMutation({
    mutationFn: async () => (does === "rotate" ? (await rotateClient(projectId, client.id)).data : (await revokeClient(projectId, client.id), null)),
    onSuccess: async (made) => {
      await queries.invalidateQueries({ queryKey: ["manage", projectId, "clients"] });
      if (!made) onClose();
    },
  });
  return (
    <Dialog title={t(does === "rotate" ? "settings.rotate" : "settings.revoke")} onClose={onClose}>
      {work.data ? (
        <Secret id={work.data.id} secret={work.data.secret} />
      ) : (
        <>
          <p>{t(does === "rotate" ? "settings.confirmRotate" : "settings.confirmRevoke", { name: client.name })}</p>
          {work.error && <p role="alert" className="mt-2 text-bad">{work.error.message}</p>}
          <div className="mt-4 flex justify-end gap-2">
            <Button onClick={onClose}>{t("common.cancel")}</Button>
            <Button look={does === "rotate" ? "primary" : "danger"} disabled={work.isPending} onClick={() => { work.mutate(); }}>{t(does === "rotate" ? "settings.rotate" : "settings.revoke")}</Button>
          </div>
        </>
      )}
    </Dialog>
  );
}
