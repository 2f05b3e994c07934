import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Code as CodeIcon, Link2, Lock, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { may, session } from "@/api/session";
import { addShare, removeShare, shareLinks, type ShareLink } from "@/api/shares";
import { ago } from "@/lib/format";
import { useProjectId } from "@/lib/search";
import { Ask } from "@/ui/Ask";
import { Button, IconButton } from "@/ui/Button";
import { Code, CopyButton } from "@/ui/Copy";
import { Dialog } from "@/ui/Dialog";
import { Field, Input, Select } from "@/ui/fields";
import { Card } from "@/ui/Page";
import { Empty, Failure, Skeleton } from "@/ui/states";

const DAYS = ["never", "7", "30", "365"] as const;

/** Links through which anybody sees the overview. */
export function Shares() {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const query = useQuery(shareLinks(projectId));
  const project = useQuery(session()).data?.projects.find((each) => each.id === projectId);
  const [open, setOpen] = useState<"new" | { share: ShareLink; does: "embed" | "remove" } | null>(null);
  const close = () => { setOpen(null); };
  const steer = may(project, "shares.write");
  return (
    <Card title={t("share.links")} controls={steer && <Button onClick={() => { setOpen("new"); }}><Plus className="size-3.5" aria-hidden />{t("share.new")}</Button>}>
      <p className="border-b border-line px-4 py-2.5 text-muted">{t("share.hint")}</p>
      {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton className="m-4 h-16" />}
      {query.data?.data.length === 0 && <Empty title={t("share.none")} icon={<Link2 className="size-4" aria-hidden />}>{t("share.noneHint")}</Empty>}
      <ul className="divide-y divide-line">
        {query.data?.data.map((each) => (
          <li key={each.id} className="flex items-center gap-2 py-2.5 pr-2 pl-4">
            {each.protected ? <Lock className="size-4 shrink-0 text-muted" aria-label={t("share.protected")} role="img" /> : <Link2 className="size-4 shrink-0 text-muted" aria-hidden />}
            <div className="ml-1 min-w-0 flex-1">
              <a href={each.url} target="_blank" rel="noreferrer" className="font-medium hover:underline">{each.name}</a>
              <p className="truncate text-xs text-muted">
                {each.expires_at ? t(new Date(each.expires_at) < new Date() ? "share.over" : "share.ends", { when: ago(each.expires_at) }) : t("share.endless")} · {t("team.by", { name: each.created_by })}
              </p>
            </div>
            <CopyButton text={each.url} />
            {each.embed.length > 0 && <IconButton label={`${t("share.embed")}: ${each.name}`} onClick={() => { setOpen({ share: each, does: "embed" }); }}><CodeIcon className="size-4" aria-hidden /></IconButton>}
            {steer && <IconButton label={`${t("share.takeBack")}: ${each.name}`} onClick={() => { setOpen({ share: each, does: "remove" }); }}><Trash2 className="size-4" aria-hidden /></IconButton>}
          </li>
        ))}
      </ul>
      {open === "new" && <Add onClose={close} />}
      {open !== null && open !== "new" && open.does === "embed" && (
        <Dialog title={t("share.embed")} onClose={close}><Embed share={open.share} /></Dialog>
      )}
      {open !== null && open !== "new" && open.does === "remove" && <Remove share={open.share} onClose={close} />}
    </Card>
  );
}

function Embed({ share }: { share: ShareLink }) {
  const { t } = useTranslation();
  const text = `<iframe src="${share.url}" title="${share.name.replaceAll('"', "&quot;")}" width="100%" height="1100" loading="lazy" style="border: 0"></iframe>`;
  return (
    <div className="flex flex-col gap-2">
      <p className="text-muted">{t("share.embedFor", { sites: share.embed.join(", ") })}</p>
      <Code label={t("share.embed")} text={text} />
    </div>
  );
}

function Add({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [days, setDays] = useState<(typeof DAYS)[number]>("never");
  const [embed, setEmbed] = useState("");
  const work = useMutation({
    mutationFn: () => addShare(projectId, { name, password, days: days === "never" ? null : Number(days), embed: embed.split(/\s+/).filter(Boolean) }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["manage", projectId, "shares"] }),
  });
  if (work.data) {
    const made = work.data.data;
    return (
      <Dialog title={made.name} onClose={onClose}>
        <div className="flex flex-col gap-3">
          <Code label={t("share.link")} text={made.url} />
          {made.embed.length > 0 && <Embed share={made} />}
          <div className="flex justify-end"><Button look="primary" onClick={onClose}>{t("common.close")}</Button></div>
        </div>
      </Dialog>
    );
  }
  return (
    <Ask title={t("share.new")} action={t("common.add")} look="primary" work={work} onClose={onClose}>
      <Field label={t("share.name")}>
        {(field) => <Input {...field} autoFocus required maxLength={200} value={name} onChange={(event) => { setName(event.target.value); }} />}
      </Field>
      <Field label={t("share.password")} hint={t("share.passwordHint")}>
        {(field) => <Input {...field} type="text" autoComplete="off" minLength={6} maxLength={256} value={password} onChange={(event) => { setPassword(event.target.value); }} />}
      </Field>
      <Field label={t("me.days")}>
        {(field) => (
          <Select {...field} value={days} onChange={(event) => { setDays(event.target.value as (typeof DAYS)[number]); }}>
            {DAYS.map((each) => <option key={each} value={each}>{t(`share.days.${each}`)}</option>)}
          </Select>
        )}
      </Field>
      <Field label={t("share.sites")} hint={t("share.sitesHint")}>
        {(field) => <textarea {...field} rows={2} placeholder="https://intranet.example.com" className="w-full rounded-lg border border-line-strong bg-surface p-2.5 dark:bg-sunken" value={embed} onChange={(event) => { setEmbed(event.target.value); }} />}
      </Field>
    </Ask>
  );
}

function Remove({ share, onClose }: { share: ShareLink; onClose: () => void }) {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const queries = useQueryClient();
  const work = useMutation({
    mutationFn: () => removeShare(projectId, share.id),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["manage", projectId, "shares"] });
      onClose();
    },
  });
  return (
    <Ask title={t("share.takeBack")} action={t("share.takeBack")} work={work} onClose={onClose}>
      <p>{t("share.confirm", { name: share.name })}</p>
    </Ask>
  );
}
