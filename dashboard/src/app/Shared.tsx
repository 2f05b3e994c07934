import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiError } from "@/api/client";
import { names } from "@/api/names";
import { openShare, type OpenedShare } from "@/api/shares";
import { Gate } from "@/features/account/Gate";
import { Overview } from "@/features/overview/Overview";
import { lookThrough } from "@/lib/shared";
import { Button } from "@/ui/Button";
import { Field, Input } from "@/ui/fields";
import { Logo } from "@/ui/Logo";
import { Failure, Skeleton } from "@/ui/states";

/** A project's overview for whoever has the link; also within a frame of another site. */
export function SharedOverview() {
  const { t } = useTranslation();
  const { token = "" } = useParams({ strict: false });
  const [opened, setOpened] = useState<OpenedShare | null>(null);
  const query = useQuery({ queryKey: ["share", token], queryFn: () => openShare(token, ""), retry: false, staleTime: Infinity });
  const found = opened ?? query.data?.data;
  if (found) return <Shown token={token} share={found} />;
  if (query.error instanceof ApiError && query.error.status === 401) return <Password token={token} onOpen={setOpened} />;
  return (
    <Gate title={t("share.title")}>
      {query.isError ? <Failure error={query.error} className="py-2" /> : <Skeleton className="h-24" />}
    </Gate>
  );
}

function Password({ token, onOpen }: { token: string; onOpen: (share: OpenedShare) => void }) {
  const { t } = useTranslation();
  const [password, setPassword] = useState("");
  const work = useMutation({ mutationFn: () => openShare(token, password), onSuccess: ({ data }) => { onOpen(data); } });
  return (
    <Gate title={t("share.title")} hint={t("share.needs")}>
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          work.mutate();
        }}
      >
        <Field label={t("account.password")} error={work.error?.message}>
          {(field) => <Input {...field} type="password" autoComplete="off" required autoFocus className="h-9" value={password} onChange={(event) => { setPassword(event.target.value); }} />}
        </Field>
        <Button type="submit" look="primary" className="mt-1 h-9" disabled={work.isPending}>{t("share.open")}</Button>
      </form>
    </Gate>
  );
}

function Shown({ token, share }: { token: string; share: OpenedShare }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  useState(() => queries.setQueryData(names(share.project_id).queryKey, { data: share.names }));
  lookThrough({ projectId: share.project_id, token, key: share.key }); // before any of its questions is asked
  return (
    <>
      <header className="border-b border-line bg-sunken">
        <div className="mx-auto flex h-12 max-w-[1280px] items-center gap-2.5 px-3 sm:px-6">
          <Logo className="size-6 shrink-0" />
          <span className="truncate font-semibold">{share.project}</span>
          <span className="ml-auto shrink-0 text-xs text-muted">{t("share.readOnly")}</span>
        </div>
      </header>
      <main id="content" className="mx-auto max-w-[1280px] px-3 sm:px-6">
        <Overview />
      </main>
    </>
  );
}
