import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Mail, Trash2, UserPlus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { invitations, invite, members, removeMember, ROLES, setRole, withdraw, type Invitation, type Member, type Place, type Role } from "@/api/people";
import { session } from "@/api/session";
import { ago } from "@/lib/format";
import { Button, IconButton } from "@/ui/Button";
import { Ask } from "@/ui/Ask";
import { Code } from "@/ui/Copy";
import { Dialog } from "@/ui/Dialog";
import { Field, Input, Select } from "@/ui/fields";
import { Card } from "@/ui/Page";
import { Failure, Skeleton } from "@/ui/states";

/** Who may see a project or an organisation, and who is invited to it. */
export function Members({ place, mayChange }: { place: Place; mayChange: boolean }) {
  const { t } = useTranslation();
  const query = useQuery(members(place));
  const me = useQuery(session()).data?.user;
  const own = query.data?.data.find((each) => each.user_id === me?.id)?.role;
  const [inviting, setInviting] = useState(false);
  const [leaving, setLeaving] = useState<Member | null>(null);
  const inProject = "projectId" in place;
  return (
    <div className="flex flex-col gap-3">
      <Card
        title={t("team.members")}
        controls={mayChange && <Button onClick={() => { setInviting(true); }}><UserPlus className="size-3.5" aria-hidden />{t("team.invite")}</Button>}
      >
        <p className="border-b border-line px-4 py-2.5 text-muted">{t(inProject ? "team.only" : "team.all")}</p>
        {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
        {query.isPending && <Skeleton className="m-4 h-24" />}
        <ul className="divide-y divide-line">
          {query.data?.data.map((each) => (
            <Row
              key={each.user_id}
              place={place}
              member={each}
              own={own}
              self={each.user_id === me?.id}
              mayChange={mayChange && each.of === (inProject ? "project" : "organisation")}
              onRemove={() => { setLeaving(each); }}
            />
          ))}
        </ul>
      </Card>
      {mayChange && <Open place={place} />}
      {inviting && <Invite place={place} own={own} onClose={() => { setInviting(false); }} />}
      {leaving && <Remove place={place} member={leaving} onClose={() => { setLeaving(null); }} />}
    </div>
  );
}

/** Roles that somebody of a role may give: none stronger than their own. */
function givable(own: Role | undefined): readonly Role[] {
  return ROLES.slice(Math.max(0, ROLES.indexOf(own ?? "owner")));
}

interface RowProps {
  place: Place;
  member: Member;
  own: Role | undefined;
  self: boolean;
  mayChange: boolean;
  onRemove: () => void;
}

function Row({ place, member, own, self, mayChange, onRemove }: RowProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const name = member.name || member.email;
  const work = useMutation({
    mutationFn: (role: Role) => setRole(place, member.user_id, role),
    onSettled: () => queries.invalidateQueries({ queryKey: ["manage", place, "members"] }),
  });
  const roles = givable(own);
  const steer = mayChange && roles.includes(member.role);
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 py-2.5 pr-2 pl-4">
      <div className="min-w-32 flex-1">
        <p className="flex items-center gap-2">
          <span className="truncate font-medium">{name}</span>
          {self && <span className="rounded bg-hover px-1.5 text-2xs">{t("team.you")}</span>}
        </p>
        <p className="truncate text-xs text-muted">{member.email}</p>
      </div>
      {steer ? (
        <Select className="w-28" aria-label={`${t("team.role")}: ${name}`} value={member.role} disabled={work.isPending} onChange={(event) => { work.mutate(event.target.value as Role); }}>
          {roles.map((each) => <option key={each} value={each}>{t(`team.roles.${each}`)}</option>)}
        </Select>
      ) : (
        <span className="pr-2 text-right text-muted">
          {t(`team.roles.${member.role}`)}
          <span className="block text-2xs">{t("team.of", { returnObjects: true })[member.of]}</span>
        </span>
      )}
      {steer && <IconButton label={`${t("common.remove")}: ${name}`} onClick={onRemove}><Trash2 className="size-4" aria-hidden /></IconButton>}
      {work.error && <p role="alert" className="basis-full text-xs text-bad">{work.error.message}</p>}
    </li>
  );
}

function Remove({ place, member, onClose }: { place: Place; member: Member; onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const work = useMutation({
    mutationFn: () => removeMember(place, member.user_id),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["manage", place, "members"] });
      onClose();
    },
  });
  return (
    <Ask title={t("team.remove", { name: member.name || member.email })} action={t("common.remove")} work={work} onClose={onClose}>
      <p>{t("team.removeHint")}</p>
    </Ask>
  );
}

function Invite({ place, own, onClose }: { place: Place; own: Role | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const work = useMutation({
    mutationFn: () => invite(place, role, email.trim()),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["manage", place, "invitations"] }),
  });
  if (work.data) {
    const made = work.data.data;
    return (
      <Dialog title={t("team.link")} onClose={onClose}>
        <div className="flex flex-col gap-3">
          {made.sent && <p className="flex items-center gap-2 rounded-lg bg-good-soft p-2.5 text-good"><Mail className="size-4 shrink-0" aria-hidden />{t("team.mailed", { email: made.email })}</p>}
          <p className="text-muted">{t("team.linkHint")}</p>
          <Code label={t("team.link")} text={made.url} />
          <div className="flex justify-end"><Button look="primary" onClick={onClose}>{t("common.close")}</Button></div>
        </div>
      </Dialog>
    );
  }
  return (
    <Ask title={t("team.inviteTitle")} action={t("team.invite")} look="primary" work={work} onClose={onClose}>
      <Field label={t("team.emailOptional")} hint={t("team.emailHint")}>
        {(field) => <Input {...field} type="email" autoFocus autoComplete="off" value={email} onChange={(event) => { setEmail(event.target.value); }} />}
      </Field>
      <fieldset className="flex flex-col gap-1">
        <legend className="mb-1 text-xs font-medium">{t("team.role")}</legend>
        {givable(own).map((each) => (
          <label key={each} className="flex items-baseline gap-2">
            <input type="radio" name="role" className="size-3.5 translate-y-0.5 accent-(--accent)" checked={role === each} onChange={() => { setRole(each); }} />
            <span className="font-medium">{t(`team.roles.${each}`)}</span>
            <span className="text-muted">{t(`team.roleHints.${each}`)}</span>
          </label>
        ))}
      </fieldset>
    </Ask>
  );
}

function Open({ place }: { place: Place }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const query = useQuery(invitations(place));
  const work = useMutation({
    mutationFn: (each: Invitation) => withdraw(place, each.id),
    onSettled: () => queries.invalidateQueries({ queryKey: ["manage", place, "invitations"] }),
  });
  if (!query.data?.data.length) return query.isError ? <Failure error={query.error} className="card" /> : null;
  return (
    <Card title={t("team.open")}>
      <ul className="divide-y divide-line">
        {query.data.data.map((each) => (
          <li key={each.id} className="flex items-center gap-3 py-2 pr-2 pl-4">
            <Mail className="size-4 shrink-0 text-muted" aria-hidden />
            <div className="min-w-0 flex-1">
              <p className="truncate">{each.email || t("team.anybody")}</p>
              <p className="truncate text-xs text-muted">
                {t(`team.roles.${each.role}`)} · {t("team.by", { name: each.invited_by })} · {t("team.until", { when: ago(each.expires_at) })}
              </p>
            </div>
            <IconButton label={`${t("team.withdraw")}: ${each.email || t("team.anybody")}`} onClick={() => { work.mutate(each); }}><Trash2 className="size-4" aria-hidden /></IconButton>
          </li>
        ))}
      </ul>
      {work.error && <p role="alert" className="px-4 pb-3 text-bad">{work.error.message}</p>}
    </Card>
  );
}
