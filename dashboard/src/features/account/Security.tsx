import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ShieldCheck, ShieldOff } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiError } from "@/api/client";
import { changePassword, endTwoFactor } from "@/api/people";
import type { Account } from "@/api/session";
import { Identities } from "@/features/account/Elsewhere";
import { EnrolTwoFactor } from "@/features/account/EnrolTwoFactor";
import { Button } from "@/ui/Button";
import { Ask } from "@/ui/Ask";
import { Field, Input } from "@/ui/fields";
import { Card } from "@/ui/Page";

/** Password and second factor. */
export function Security({ user }: { user: Account }) {
  return (
    <div className="flex flex-col gap-3">
      <Password user={user} />
      <TwoFactor user={user} />
      <Identities />
    </div>
  );
}

function Password({ user }: { user: Account }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [current, setCurrent] = useState("");
  const [fresh, setFresh] = useState("");
  const work = useMutation({
    mutationFn: () => changePassword(current, fresh),
    onSuccess: () => {
      setCurrent("");
      setFresh("");
      return queries.invalidateQueries({ queryKey: ["session"] });
    },
  });
  const wrong = (field: string) => (work.error instanceof ApiError && work.error.field === field ? work.error.message : undefined);
  const elsewhere = work.error && !wrong("password") && !wrong("new_password") ? work.error.message : undefined;
  return (
    <Card title={t("me.password")}>
      <form
        className="flex flex-col gap-4 p-4"
        onSubmit={(event) => {
          event.preventDefault();
          work.mutate();
        }}
      >
        <input type="email" autoComplete="username" value={user.email} readOnly hidden />
        {user.has_password ? (
          <Field label={t("me.current")} error={wrong("password")}>
            {(field) => <Input {...field} type="password" autoComplete="current-password" required value={current} onChange={(event) => { setCurrent(event.target.value); }} />}
          </Field>
        ) : (
          <p className="text-muted">{t("me.noPassword")}</p>
        )}
        <Field label={t("me.fresh")} hint={t("account.passwordHint")} error={wrong("new_password")}>
          {(field) => <Input {...field} type="password" autoComplete="new-password" required minLength={10} value={fresh} onChange={(event) => { setFresh(event.target.value); }} />}
        </Field>
        {elsewhere && <p role="alert" className="text-bad">{elsewhere}</p>}
        <div className="flex items-center gap-3">
          <Button type="submit" look="primary" disabled={work.isPending}>{t(user.has_password ? "me.change" : "me.set")}</Button>
          <span role="status" className="text-good">{work.isSuccess ? t("me.changed") : ""}</span>
        </div>
      </form>
    </Card>
  );
}

function TwoFactor({ user }: { user: Account }) {
  const { t } = useTranslation();
  // What is begun is finished, although the account changes in the middle of it.
  const [open, setOpen] = useState<"on" | "off" | null>(null);
  const close = () => { setOpen(null); };
  const Icon = user.two_factor ? ShieldCheck : ShieldOff;
  return (
    <Card
      title={t("me.twoFactor")}
      controls={
        <span className={user.two_factor ? "flex items-center gap-1.5 pr-2 font-medium text-good" : "flex items-center gap-1.5 pr-2 text-muted"} data-testid="two-factor">
          <Icon className="size-4" aria-hidden />
          {t(user.two_factor ? "me.on" : "me.off")}
        </span>
      }
    >
      <div className="flex flex-wrap items-center gap-3 p-4">
        <p className="min-w-48 flex-1 text-muted">{t("me.twoFactorHint")}</p>
        <Button look={user.two_factor ? "danger" : "primary"} onClick={() => { setOpen(user.two_factor ? "off" : "on"); }}>{t(user.two_factor ? "me.turnOff" : "me.turnOn")}</Button>
      </div>
      {open === "off" && <TurnOff user={user} onClose={close} />}
      {open === "on" && <EnrolTwoFactor user={user} onClose={close} />}
    </Card>
  );
}

function TurnOff({ user, onClose }: { user: Account; onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const work = useMutation({
    mutationFn: () => endTwoFactor(password, code),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["session"] });
      onClose();
    },
  });
  return (
    <Ask title={t("me.turnOff")} action={t("me.turnOff")} work={work} onClose={onClose}>
      {user.has_password && (
        <Field label={t("me.current")}>
          {(field) => <Input {...field} type="password" autoFocus autoComplete="current-password" required value={password} onChange={(event) => { setPassword(event.target.value); }} />}
        </Field>
      )}
      <Field label={t("me.code")} hint={t("me.codeHint")}>
        {(field) => <Input {...field} autoComplete="one-time-code" required value={code} onChange={(event) => { setCode(event.target.value); }} />}
      </Field>
    </Ask>
  );
}
