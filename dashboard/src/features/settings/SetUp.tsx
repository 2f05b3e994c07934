import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleCheck, KeyRound } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { send } from "@/api/client";
import { firstEvent } from "@/api/queries";
import { clients, type Client } from "@/features/settings/api";
import { SERVERS, snippet, WAYS, type Way } from "@/features/settings/snippets";
import { root } from "@/lib/base";
import { useProjectId } from "@/lib/search";
import { newSecrets, type NewSecret } from "@/lib/secrets";
import { Button } from "@/ui/Button";
import { Code, CopyButton } from "@/ui/Copy";
import { Card } from "@/ui/Page";
import { Segmented } from "@/ui/Segmented";
import { Failure, Skeleton } from "@/ui/states";

/** What to paste where; it turns green by itself when the first event arrives. */
export function SetUp() {
  const projectId = useProjectId();
  const query = useQuery(clients(projectId));
  const secrets = useQuery(newSecrets(projectId)).data ?? [];
  const write = query.data?.data.find((each) => each.type === "write" && !each.revoked);
  const secret = secrets.find((each) => each.id === write?.id)?.secret;
  return (
    <div className="flex flex-col gap-3">
      <Waiting {...(write && secret ? { id: write.id, secret } : {})} />
      {secrets.length > 0 && <Secrets secrets={secrets} />}
      {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} className="card" />}
      {query.isPending && <Skeleton className="h-64 rounded-xl" />}
      {query.data && <Ways client={write} secret={secret} />}
    </div>
  );
}

function Waiting({ id, secret }: { id?: string; secret?: string }) {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const arrived = useQuery(firstEvent(projectId)).data?.arrived ?? false;
  return (
    <Card>
      <div role="status" className="flex flex-wrap items-center gap-3 p-4 sm:p-5" data-testid={arrived ? "arrived" : "waiting"}>
        {arrived ? (
          <CircleCheck className="size-6 shrink-0 text-good" aria-hidden />
        ) : (
          <span className="relative mx-1.5 flex size-3 shrink-0">
            <span className="absolute inset-0 animate-[ping-soft_2s_ease-out_infinite] rounded-full bg-accent opacity-50" />
            <span className="relative size-3 rounded-full bg-accent" />
          </span>
        )}
        <div className="min-w-44 flex-1">
          <h2 className="text-sm font-semibold">{t(arrived ? "waiting.arrived" : "waiting.title")}</h2>
          {!arrived && <p className="text-muted">{t("waiting.hint")}</p>}
        </div>
        {arrived && (
          <Link to="/p/$projectId" params={{ projectId }} className="font-medium text-accent hover:underline">
            {t("waiting.see")}
          </Link>
        )}
        {!arrived && id && secret && <TestEvent id={id} secret={secret} />}
      </div>
    </Card>
  );
}

/** For somebody without a site at hand: an event of this page. */
function TestEvent({ id, secret }: { id: string; secret: string }) {
  const { t } = useTranslation();
  const work = useMutation({
    mutationFn: () =>
      send("POST", "track", { type: "track", payload: { name: "test_event", path: window.location.href }, clientId: id, clientSecret: secret }),
  });
  return (
    <div className="flex flex-col items-end gap-1">
      <Button disabled={work.isPending || work.isSuccess} onClick={() => { work.mutate(); }}>{t("ways.test")}</Button>
      {work.error && <p role="alert" className="text-xs text-bad">{work.error.message}</p>}
    </div>
  );
}

function Secrets({ secrets }: { secrets: readonly NewSecret[] }) {
  const { t } = useTranslation();
  return (
    <Card title={t("start.secrets")}>
      <p className="border-b border-line bg-warn-soft px-4 py-2.5 text-warn">{t("start.secretsHint")}</p>
      <ul className="divide-y divide-line">
        {secrets.map((each) => (
          <li key={each.id} className="flex items-center gap-3 py-1.5 pr-2 pl-4">
            <KeyRound className="size-4 shrink-0 text-muted" aria-hidden />
            <span className="w-12 shrink-0 font-medium">{each.type}</span>
            <span className="min-w-0 flex-1 font-mono text-xs">
              <span className="block truncate text-muted">{each.id}</span>
              <span className="block truncate">{each.secret}</span>
            </span>
            <CopyButton text={`${each.id}\n${each.secret}`} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Ways({ client, secret }: { client: Client | undefined; secret: string | undefined }) {
  const { t } = useTranslation();
  const [way, setWay] = useState<Way>("script");
  const [wait, setWait] = useState(false);
  const url = new URL(root, window.location.href).href;
  const server = SERVERS.includes(way);
  const { install, text } = snippet(way, { url, id: client?.id ?? "CLIENT_ID", secret: secret ?? t("ways.secretHere") }, wait);
  const hint = way === "script" ? "ways.scriptHint" : way === "curl" ? "ways.curlHint" : server ? "ways.serverHint" : "ways.packageHint";
  return (
    <Card>
      <div className="border-b border-line px-4 py-1.5">
        <Segmented look="tabs" label={t("ways.choose")} value={way} options={WAYS.map((value) => ({ value, label: t(`ways.${value}`) }))} onChange={setWay} />
      </div>
      <div className="flex flex-col gap-3 p-4">
        <p className="text-muted">{t(hint)}</p>
        {install && <Code label={install} text={install} />}
        <Code label={t(`ways.${way}`)} text={text} />
        {!server && (
          <label className="flex items-start gap-2">
            <input type="checkbox" className="mt-0.5 size-4 shrink-0 accent-(--accent)" checked={wait} onChange={(event) => { setWait(event.target.checked); }} />
            <span>
              {t("project.consent")}
              <span className="block text-xs text-muted">{t("project.consentHint")}</span>
            </span>
          </label>
        )}
        {!server && <Allowed origins={client?.origins ?? []} />}
        <p className="text-muted">{t("waiting.clientHint")}</p>
      </div>
    </Card>
  );
}

/** Whose pages may send without a secret: where it is forgotten, nothing arrives. */
function Allowed({ origins }: { origins: readonly string[] }) {
  const { t } = useTranslation();
  if (origins.length === 0) return <p className="rounded-lg bg-warn-soft p-2.5 text-warn">{t("ways.allowedNone")}</p>;
  return (
    <p className="text-muted">
      {t("ways.allowed")} <span className="font-mono text-xs text-ink">{origins.join(", ")}</span>
    </p>
  );
}
