import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useTranslation } from "react-i18next";

import { connectProvider, disconnectProvider, identities, signInOptions, signInWith } from "@/api/people";
import { useAddress } from "@/lib/search";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Page";
import { Failure } from "@/ui/states";

/** Buttons of the providers that this server knows. */
export function ProviderButtons({ next = "", invitation = "" }: { next?: string; invitation?: string }) {
  const { t } = useTranslation();
  const options = useQuery(signInOptions());
  const work = useMutation({
    mutationFn: (name: string) => signInWith(name, next, invitation),
    onSuccess: ({ data }) => { window.location.assign(data.url); },
  });
  const providers = options.data?.data.providers ?? [];
  if (providers.length === 0) return null;
  return (
    <div className="flex flex-col gap-2">
      <p className="flex items-center gap-3 text-xs text-muted before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">{t("signing.or")}</p>
      {providers.map((each) => (
        <Button key={each.name} className="h-9" disabled={work.isPending} onClick={() => { work.mutate(each.name); }}>
          {t("signing.with", { name: each.title })}
        </Button>
      ))}
      {work.error && <p role="alert" className="text-xs text-bad">{work.error.message}</p>}
    </div>
  );
}

/** Why a sign-in with an account elsewhere led back here. */
export function ProviderProblem() {
  const { t } = useTranslation();
  const [search] = useAddress();
  const options = useQuery(signInOptions());
  const problems = t("signing.problems", { returnObjects: true });
  const words = search.problem ? problems[search.problem] : undefined;
  if (!words) return null;
  const name = options.data?.data.providers.find((each) => each.name === search.provider)?.title ?? search.provider ?? "";
  return <p role="alert" className="rounded-lg bg-bad-soft p-2.5 text-bad">{words.replaceAll("{{name}}", name)}</p>;
}

/** Accounts elsewhere, connected or to be. */
export function Identities() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const options = useQuery(signInOptions());
  const query = useQuery(identities());
  const connect = useMutation({ mutationFn: connectProvider, onSuccess: ({ data }) => { window.location.assign(data.url); } });
  const disconnect = useMutation({ mutationFn: disconnectProvider, onSettled: () => queries.invalidateQueries({ queryKey: ["auth", "identities"] }) });
  const providers = options.data?.data.providers ?? [];
  const problem = connect.error ?? disconnect.error;
  if (providers.length === 0) return null;
  return (
    <Card title={t("me.signedInWith")}>
      <p className="border-b border-line px-4 py-2.5 text-muted">{t("me.connectHint")}</p>
      <div className="empty:hidden px-4 pt-3"><ProviderProblem /></div>
      {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      <ul className="divide-y divide-line">
        {providers.map((each) => {
          const own = query.data?.data.find((one) => one.provider === each.name);
          return (
            <li key={each.name} className="flex items-center gap-3 py-2.5 pr-2 pl-4">
              <KeyRound className="size-4 shrink-0 text-muted" aria-hidden />
              <div className="min-w-0 flex-1">
                <p className="truncate font-medium">{each.title}</p>
                <p className="truncate text-xs text-muted">{own ? t("me.connected", { email: own.email }) : t("me.notConnected")}</p>
              </div>
              {own ? (
                <Button look="quiet" disabled={disconnect.isPending} onClick={() => { disconnect.mutate(each.name); }}>{t("me.disconnect")}</Button>
              ) : (
                <Button disabled={connect.isPending || query.isPending} onClick={() => { connect.mutate(each.name); }}>{t("me.connect")}</Button>
              )}
            </li>
          );
        })}
      </ul>
      {problem && <p role="alert" className="px-4 pb-3 text-bad">{problem.message}</p>}
    </Card>
  );
}
