import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { encode } from "uqr";

import { beginTwoFactor, confirmTwoFactor, type Enrolment } from "@/api/people";
import type { Account } from "@/api/session";
import { Button } from "@/ui/Button";
import { Code } from "@/ui/Copy";
import { Dialog } from "@/ui/Dialog";
import { Ask } from "@/ui/Ask";
import { Field, Input } from "@/ui/fields";

/** Password, then the secret as a picture and a first code, then recovery codes. */
export function EnrolTwoFactor({ user, onClose }: { user: Account; onClose: () => void }) {
  const { t } = useTranslation();
  const [password, setPassword] = useState("");
  const begin = useMutation({ mutationFn: () => beginTwoFactor(password) });
  if (begin.data) return <Confirmed enrolment={begin.data.data} onClose={onClose} />;
  return (
    <Ask title={t("me.turnOn")} action={t("me.turnOn")} look="primary" work={begin} onClose={onClose}>
      <p className="text-muted">{t("me.twoFactorHint")}</p>
      {user.has_password && (
        <Field label={t("me.current")}>
          {(field) => <Input {...field} type="password" autoFocus autoComplete="current-password" required value={password} onChange={(event) => { setPassword(event.target.value); }} />}
        </Field>
      )}
    </Ask>
  );
}

function Confirmed({ enrolment, onClose }: { enrolment: Enrolment; onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [code, setCode] = useState("");
  const work = useMutation({ mutationFn: () => confirmTwoFactor(code), onSuccess: () => queries.invalidateQueries({ queryKey: ["session"] }) });
  if (work.data) return <Recovery codes={work.data.data.recovery_codes} onClose={onClose} />;
  return (
    <Ask title={t("me.turnOn")} action={t("me.confirm")} look="primary" work={work} onClose={onClose}>
      <p className="text-muted">{t("me.scan")}</p>
      <QrCode text={enrolment.url} label={t("me.qr")} />
      <Field label={t("me.key")}>
        {() => <Code label={t("me.key")} text={(enrolment.secret.match(/.{1,4}/g) ?? []).join(" ")} />}
      </Field>
      <Field label={t("me.code")}>
        {(field) => <Input {...field} autoFocus inputMode="numeric" autoComplete="one-time-code" required maxLength={7} value={code} onChange={(event) => { setCode(event.target.value); }} />}
      </Field>
    </Ask>
  );
}

/** Dark squares on white, whatever the theme: cameras expect it. */
function QrCode({ text, label }: { text: string; label: string }) {
  const { size, path } = useMemo(() => {
    const made = encode(text, { ecc: "M", border: 2 });
    const dark = made.data.flatMap((row, y) => row.map((on, x) => (on ? `M${x} ${y}h1v1h-1z` : "")));
    return { size: made.size, path: dark.join("") };
  }, [text]);
  return (
    <svg role="img" aria-label={label} viewBox={`0 0 ${size} ${size}`} shapeRendering="crispEdges" className="mx-auto size-48 rounded-lg border border-line">
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}

function Recovery({ codes, onClose }: { codes: readonly string[]; onClose: () => void }) {
  const { t } = useTranslation();
  function download() {
    const url = URL.createObjectURL(new Blob([`${codes.join("\n")}\n`], { type: "text/plain" }));
    Object.assign(document.createElement("a"), { href: url, download: "event-lens-recovery-codes.txt" }).click();
    URL.revokeObjectURL(url);
  }
  return (
    <Dialog title={t("me.recovery")} onClose={onClose}>
      <div className="flex flex-col gap-3">
        <p className="rounded-lg bg-warn-soft p-2.5 text-warn">{t("me.recoveryHint")}</p>
        <Code label={t("me.recovery")} text={codes.join("\n")} />
        <div className="flex justify-end gap-2">
          <Button onClick={download}><Download className="size-3.5" aria-hidden />{t("me.download")}</Button>
          <Button look="primary" onClick={onClose}>{t("me.kept")}</Button>
        </div>
      </div>
    </Dialog>
  );
}
