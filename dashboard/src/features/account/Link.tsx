import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { acceptInvitation } from "@/api/people";
import { followLink, readLink, session, type LinkAnswer } from "@/api/session";
import { ProviderButtons } from "@/features/account/Elsewhere";
import { Gate } from "@/features/account/Gate";
import { root } from "@/lib/base";
import { Button } from "@/ui/Button";
import { Field, Input } from "@/ui/fields";
import { Failure, Skeleton } from "@/ui/states";

/** Where links of the first start, of invitations and of forgotten passwords lead. The token stays behind the #, so
 * that no server's log ever has it. */
export function FollowLink() {
  const { t } = useTranslation();
  const token = new URLSearchParams(window.location.hash.slice(1)).get("token") ?? "";
  const link = useQuery({ queryKey: ["link", token], queryFn: () => readLink(token), retry: false });
  // Somebody who is signed in already joins as who they are.
  const me = useQuery({ ...session(), enabled: link.data?.kind === "invitation" });
  if (link.isError) {
    return (
      <Gate title="Event Lens">
        <Failure error={link.error} className="py-2" />
      </Gate>
    );
  }
  if (!link.data) {
    return (
      <Gate title="Event Lens">
        <Skeleton className="h-40" />
      </Gate>
    );
  }
  const title = {
    setup: t("account.signUpTitle"),
    reset: t("account.newPassword"),
    invitation: t("account.invited", { name: link.data.project || link.data.organisation }),
  }[link.data.kind];
  return (
    <Gate title={title} {...(link.data.kind === "setup" ? { hint: t("account.signUpHint") } : {})}>
      {link.data.kind === "invitation" && me.data?.user ? <Accept token={token} email={me.data.user.email} /> : <Form token={token} link={link.data} />}
    </Gate>
  );
}

function Accept({ token, email }: { token: string; email: string }) {
  const { t } = useTranslation();
  const work = useMutation({ mutationFn: () => acceptInvitation(token), onSuccess: () => { window.location.assign(root); } });
  return (
    <div className="flex flex-col gap-3">
      <Button look="primary" className="h-9" disabled={work.isPending} onClick={() => { work.mutate(); }}>{t("signing.accept", { email })}</Button>
      {work.error && <p role="alert" className="text-bad">{work.error.message}</p>}
    </div>
  );
}

function Form({ token, link }: { token: string; link: LinkAnswer }) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const [email, setEmail] = useState(link.kind === "setup" ? "" : link.email);
  const [password, setPassword] = useState("");
  const work = useMutation({
    mutationFn: () => followLink(link.kind, { token, password, name, email }),
    onSuccess: () => { window.location.assign(root); },
  });
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        work.mutate();
      }}
    >
      {link.kind !== "reset" && (
        <>
          <Field label={t("account.yourName")}>
            {(field) => <Input {...field} autoComplete="name" autoFocus className="h-9" value={name} onChange={(event) => { setName(event.target.value); }} />}
          </Field>
          <Field label={t("account.email")}>
            {(field) => <Input {...field} type="email" autoComplete="username" required className="h-9" value={email} onChange={(event) => { setEmail(event.target.value); }} />}
          </Field>
        </>
      )}
      <Field label={t("account.password")} hint={t("account.passwordHint")} error={work.error?.message}>
        {(field) => <Input {...field} type="password" autoComplete="new-password" required minLength={10} className="h-9" value={password} onChange={(event) => { setPassword(event.target.value); }} />}
      </Field>
      <Button type="submit" look="primary" className="mt-1 h-9" disabled={work.isPending}>
        {t(link.kind === "reset" ? "common.save" : link.kind === "setup" ? "account.signUp" : "account.join")}
      </Button>
      {link.kind === "invitation" && <ProviderButtons invitation={token} />}
    </form>
  );
}
