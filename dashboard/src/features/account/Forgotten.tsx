import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { forgotten, signInOptions } from "@/api/people";
import { Gate } from "@/features/account/Gate";
import { Button } from "@/ui/Button";
import { Field, Input } from "@/ui/fields";

/** Asks for a mail with a link; whether there is such an account is not said. */
export function Forgotten() {
  const { t } = useTranslation();
  const options = useQuery(signInOptions());
  const [email, setEmail] = useState("");
  const work = useMutation({ mutationFn: () => forgotten(email) });
  const silent = options.data?.data.mail === false;
  return (
    <Gate title={t("signing.forgotTitle")} {...(silent || work.isSuccess ? {} : { hint: t("signing.forgotHint") })}>
      <div className="flex flex-col gap-3">
        {silent && <p>{t("signing.noMail")}</p>}
        {!silent && work.isSuccess && <p role="status">{t("signing.sent")}</p>}
        {!silent && !work.isSuccess && (
          <form
            className="flex flex-col gap-3"
            onSubmit={(event) => {
              event.preventDefault();
              work.mutate();
            }}
          >
            <Field label={t("account.email")} error={work.error?.message}>
              {(field) => <Input {...field} type="email" autoComplete="username" required autoFocus className="h-9" value={email} onChange={(event) => { setEmail(event.target.value); }} />}
            </Field>
            <Button type="submit" look="primary" className="mt-1 h-9" disabled={work.isPending}>{t("signing.send")}</Button>
          </form>
        )}
        <Link to="/sign-in" className="text-center text-accent hover:underline">{t("signing.back")}</Link>
      </div>
    </Gate>
  );
}
