import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiError } from "@/api/client";
import { changeAccount, deleteAccount } from "@/api/people";
import type { Account } from "@/api/session";
import { root } from "@/lib/base";
import { Button } from "@/ui/Button";
import { Ask } from "@/ui/Ask";
import { Field, Input } from "@/ui/fields";
import { Card } from "@/ui/Page";

export function Profile({ user }: { user: Account }) {
  return (
    <div className="flex flex-col gap-3">
      <Names user={user} />
      <Remove user={user} />
    </div>
  );
}

function Names({ user }: { user: Account }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [name, setName] = useState(user.name);
  const [email, setEmail] = useState(user.email);
  const [password, setPassword] = useState("");
  const moved = email.trim().toLowerCase() !== user.email;
  const work = useMutation({
    mutationFn: () => changeAccount(moved ? { name, email, password } : { name }),
    onSuccess: () => {
      setPassword("");
      return queries.invalidateQueries({ queryKey: ["session"] });
    },
  });
  const wrong = (field: string) => (work.error instanceof ApiError && work.error.field === field ? work.error.message : undefined);
  return (
    <Card title={t("me.tabs.profile")}>
      <form
        className="flex flex-col gap-4 p-4"
        onSubmit={(event) => {
          event.preventDefault();
          work.mutate();
        }}
      >
        <Field label={t("me.name")} error={wrong("name")}>
          {(field) => <Input {...field} autoComplete="name" maxLength={200} value={name} onChange={(event) => { setName(event.target.value); }} />}
        </Field>
        <Field label={t("me.email")} hint={t("me.emailHint")} error={wrong("email")}>
          {(field) => <Input {...field} type="email" autoComplete="username" required value={email} onChange={(event) => { setEmail(event.target.value); }} />}
        </Field>
        {moved && user.has_password && (
          <Field label={t("me.current")} error={wrong("password")}>
            {(field) => <Input {...field} type="password" autoComplete="current-password" required value={password} onChange={(event) => { setPassword(event.target.value); }} />}
          </Field>
        )}
        {work.error && !["name", "email", "password"].some(wrong) && <p role="alert" className="text-bad">{work.error.message}</p>}
        <div className="flex items-center gap-3">
          <Button type="submit" look="primary" disabled={work.isPending}>{t("me.save")}</Button>
          <span role="status" className="text-good">{work.isSuccess ? t("me.saved") : ""}</span>
        </div>
      </form>
    </Card>
  );
}

function Remove({ user }: { user: Account }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const [password, setPassword] = useState("");
  const work = useMutation({ mutationFn: () => deleteAccount(password), onSuccess: () => { window.location.assign(`${root}sign-in`); } });
  return (
    <Card title={t("me.remove")}>
      <div className="flex flex-wrap items-center gap-3 p-4">
        <p className="min-w-48 flex-1 text-muted">{t("me.removeHint")}</p>
        <Button look="danger" onClick={() => { setOpen(true); }}>{t("me.remove")}</Button>
      </div>
      {open && (
        <Ask title={t("me.removeConfirm")} action={t("me.remove")} work={work} onClose={() => { setOpen(false); }}>
          <p>{t("me.removeHint")}</p>
          {user.has_password && (
            <Field label={t("me.current")}>
              {(field) => <Input {...field} type="password" autoFocus autoComplete="current-password" required value={password} onChange={(event) => { setPassword(event.target.value); }} />}
            </Field>
          )}
        </Ask>
      )}
    </Card>
  );
}
