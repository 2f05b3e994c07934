import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiError } from "@/api/client";
import { finishSignIn, signIn } from "@/api/session";
import { ProviderButtons, ProviderProblem } from "@/features/account/Elsewhere";
import { Gate } from "@/features/account/Gate";
import { root } from "@/lib/base";
import { useAddress } from "@/lib/search";
import { Button } from "@/ui/Button";
import { Field, Input } from "@/ui/fields";

/** Only a path of our own: an address elsewhere would lead people away. */
function ownPath(next: string | undefined): string {
  const path = next?.startsWith("/") && !next.startsWith("//") && !next.includes("\\") ? next.slice(1) : "";
  return root + path;
}

export function SignIn() {
  const ticket = new URLSearchParams(window.location.hash.slice(1)).get("second");
  return ticket ? <SecondStep ticket={ticket} /> : <FirstStep />;
}

/** After an account elsewhere: a code, where there is a second factor. */
function SecondStep({ ticket }: { ticket: string }) {
  const { t } = useTranslation();
  const [search] = useAddress();
  const [code, setCode] = useState("");
  const work = useMutation({ mutationFn: () => finishSignIn(ticket, code.trim()), onSuccess: () => { window.location.assign(ownPath(search.next)); } });
  return (
    <Gate title={t("signing.codeTitle")} hint={t("signing.codeHint")}>
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          work.mutate();
        }}
      >
        <Field label={t("account.code")} error={work.error?.message}>
          {(field) => <Input {...field} inputMode="numeric" autoComplete="one-time-code" required autoFocus className="h-9" value={code} onChange={(event) => { setCode(event.target.value); }} />}
        </Field>
        <Button type="submit" look="primary" className="mt-1 h-9" disabled={work.isPending}>{t("account.signIn")}</Button>
      </form>
    </Gate>
  );
}

function FirstStep() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [search] = useAddress();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [second, setSecond] = useState(false);
  const work = useMutation({
    mutationFn: () => signIn(email, password, code.trim()),
    onError: (error) => { if (error instanceof ApiError && error.code === "two_factor") setSecond(true); },
    onSuccess: () => {
      client.clear();
      window.location.assign(ownPath(search.next));
    },
  });
  const missing = work.error instanceof ApiError && work.error.status === 404;
  const asksCode = work.error instanceof ApiError && work.error.code === "two_factor";
  const problem = asksCode && !code ? undefined : work.error ? (missing ? t("account.unavailable") : work.error.message) : undefined;
  return (
    <Gate title={t("account.signInTitle")}>
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          work.mutate();
        }}
      >
        <ProviderProblem />
        <Field label={t("account.email")}>
          {(field) => <Input {...field} type="email" autoComplete="username" required autoFocus className="h-9" value={email} onChange={(event) => { setEmail(event.target.value); }} />}
        </Field>
        <Field label={t("account.password")} error={second ? undefined : problem}>
          {(field) => <Input {...field} type="password" autoComplete="current-password" required className="h-9" value={password} onChange={(event) => { setPassword(event.target.value); }} />}
        </Field>
        {second && (
          <Field label={t("account.code")} error={problem}>
            {(field) => <Input {...field} inputMode="numeric" autoComplete="one-time-code" required autoFocus className="h-9" value={code} onChange={(event) => { setCode(event.target.value); }} />}
          </Field>
        )}
        <Button type="submit" look="primary" className="mt-1 h-9" disabled={work.isPending}>
          {t("account.signIn")}
        </Button>
        <Link to="/forgot-password" className="text-center text-muted hover:text-ink hover:underline">{t("signing.forgot")}</Link>
        <ProviderButtons next={search.next ?? ""} />
      </form>
    </Gate>
  );
}
