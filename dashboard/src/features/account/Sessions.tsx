import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { MonitorSmartphone } from "lucide-react";
import { useTranslation } from "react-i18next";

import { browserSessions, endOtherSessions, endSession, type BrowserSession } from "@/api/people";
import { ago, dateTime } from "@/lib/format";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Page";
import { Failure, Skeleton } from "@/ui/states";

/** Browsers in which one is signed in. */
export function Sessions() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const query = useQuery(browserSessions());
  const again = () => queries.invalidateQueries({ queryKey: ["auth", "sessions"] });
  const end = useMutation({ mutationFn: (each: BrowserSession) => endSession(each.id), onSettled: again });
  const others = useMutation({ mutationFn: endOtherSessions, onSettled: again });
  const problem = end.error ?? others.error;
  const more = (query.data?.data.length ?? 0) > 1;
  return (
    <Card title={t("me.sessions")} controls={more && <Button disabled={others.isPending} onClick={() => { others.mutate(); }}>{t("me.endOthers")}</Button>}>
      {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton className="m-4 h-24" />}
      {problem && <p role="alert" className="px-4 pt-3 text-bad">{problem.message}</p>}
      <ul className="divide-y divide-line">
        {query.data?.data.map((each) => (
          <li key={each.id} className="flex items-center gap-3 py-2.5 pr-2 pl-4">
            <MonitorSmartphone className="size-4 shrink-0 text-muted" aria-hidden />
            <div className="min-w-0 flex-1">
              <p className="flex items-center gap-2">
                <span className="truncate font-medium">{each.agent || t("me.unknownBrowser")}</span>
                {each.current && <span className="shrink-0 rounded bg-good-soft px-1.5 text-2xs text-good">{t("me.thisOne")}</span>}
              </p>
              <p className="truncate text-xs text-muted">
                <span className="font-mono">{each.address}</span> · <span title={dateTime(each.seen_at)}>{t("me.seen", { when: ago(each.seen_at) })}</span>
              </p>
            </div>
            {!each.current && <Button look="quiet" disabled={end.isPending} onClick={() => { end.mutate(each); }}>{t("me.end")}</Button>}
          </li>
        ))}
      </ul>
    </Card>
  );
}
