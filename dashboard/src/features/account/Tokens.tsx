import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { addToken, apiTokens, revokeToken, type ApiToken, type Scope } from "@/api/people";
import { ago } from "@/lib/format";
import { Button, IconButton } from "@/ui/Button";
import { Ask } from "@/ui/Ask";
import { Code } from "@/ui/Copy";
import { Dialog } from "@/ui/Dialog";
import { Field, Input, Select } from "@/ui/fields";
import { Card } from "@/ui/Page";
import { Empty, Failure, Skeleton } from "@/ui/states";

const SCOPES: readonly Scope[] = ["read", "write", "admin"];
const DAYS = ["30", "90", "365", "never"] as const;

/** What one's own programs show. */
export function Tokens() {
  const { t } = useTranslation();
  const query = useQuery(apiTokens());
  const [adding, setAdding] = useState(false);
  const [ending, setEnding] = useState<ApiToken | null>(null);
  return (
    <Card title={t("me.tokens")} controls={<Button onClick={() => { setAdding(true); }}><Plus className="size-3.5" aria-hidden />{t("me.newToken")}</Button>}>
      <p className="border-b border-line px-4 py-2.5 text-muted">{t("me.tokensHint")}</p>
      {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton className="m-4 h-16" />}
      {query.data?.data.length === 0 && <Empty title={t("me.noTokens")} icon={<KeyRound className="size-4" aria-hidden />}>{t("me.noTokensHint")}</Empty>}
      <ul className="divide-y divide-line">
        {query.data?.data.map((each) => (
          <li key={each.id} className="flex items-center gap-3 py-2.5 pr-2 pl-4">
            <KeyRound className="size-4 shrink-0 text-muted" aria-hidden />
            <div className="min-w-0 flex-1">
              <p className="truncate font-medium">{each.name}</p>
              <p className="truncate text-xs text-muted">
                {each.scopes.join(", ")} · {each.expires_at ? t("me.expires", { when: ago(each.expires_at) }) : t("me.never")} · {each.seen_at ? t("me.used", { when: ago(each.seen_at) }) : t("me.unused")}
              </p>
            </div>
            <IconButton label={`${t("settings.revoke")}: ${each.name}`} onClick={() => { setEnding(each); }}><Trash2 className="size-4" aria-hidden /></IconButton>
          </li>
        ))}
      </ul>
      {adding && <Add onClose={() => { setAdding(false); }} />}
      {ending && <Revoke token={ending} onClose={() => { setEnding(null); }} />}
    </Card>
  );
}

function Add({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<Scope[]>(["read"]);
  const [days, setDays] = useState<(typeof DAYS)[number]>("90");
  const work = useMutation({
    mutationFn: () => addToken(name, scopes, days === "never" ? null : Number(days)),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["auth", "tokens"] }),
  });
  if (work.data) {
    return (
      <Dialog title={t("me.newToken")} onClose={onClose}>
        <div className="flex flex-col gap-3">
          <p className="rounded-lg bg-warn-soft p-2.5 text-warn">{t("me.tokenOnce")}</p>
          <Code label={t("me.newToken")} text={work.data.data.token} />
          <div className="flex justify-end"><Button look="primary" onClick={onClose}>{t("common.close")}</Button></div>
        </div>
      </Dialog>
    );
  }
  return (
    <Ask title={t("me.newToken")} action={t("common.add")} look="primary" work={work} ready={scopes.length > 0} onClose={onClose}>
      <Field label={t("me.tokenName")}>
        {(field) => <Input {...field} autoFocus required maxLength={200} value={name} onChange={(event) => { setName(event.target.value); }} />}
      </Field>
      <fieldset className="flex flex-col gap-1">
        <legend className="mb-1 text-xs font-medium">{t("me.scopes")}</legend>
        {SCOPES.map((each) => (
          <label key={each} className="flex items-center gap-2">
            <input
              type="checkbox"
              className="size-4 accent-(--accent)"
              checked={scopes.includes(each)}
              onChange={(event) => { setScopes(event.target.checked ? [...scopes, each] : scopes.filter((one) => one !== each)); }}
            />
            {t(`me.scope.${each}`)}
          </label>
        ))}
      </fieldset>
      <Field label={t("me.days")}>
        {(field) => (
          <Select {...field} value={days} onChange={(event) => { setDays(event.target.value as (typeof DAYS)[number]); }}>
            {DAYS.map((each) => <option key={each} value={each}>{t(`me.dayChoices.${each}`)}</option>)}
          </Select>
        )}
      </Field>
    </Ask>
  );
}

function Revoke({ token, onClose }: { token: ApiToken; onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const work = useMutation({
    mutationFn: () => revokeToken(token.id),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["auth", "tokens"] });
      onClose();
    },
  });
  return (
    <Ask title={t("settings.revoke")} action={t("settings.revoke")} work={work} onClose={onClose}>
      <p>{t("me.revokeToken", { name: token.name })}</p>
    </Ask>
  );
}
