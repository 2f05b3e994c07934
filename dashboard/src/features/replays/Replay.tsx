import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { oneSession } from "@/api/product";
import { recording } from "@/api/replays";
import { Person } from "@/controls/Person";
import { Timeline } from "@/controls/Timeline";
import { Player } from "@/features/replays/Player";
import { useProjectId } from "@/lib/search";
import { Card, Page } from "@/ui/Page";
import { Failure, Skeleton } from "@/ui/states";

/** A recorded session: what was seen, and beside it what was counted. */
export function Replay() {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const { id = "" } = useParams({ strict: false });
  const query = useQuery(recording(projectId, id));
  const session = useQuery({ ...oneSession(projectId, id), retry: false }).data?.data;
  return (
    <Page title={t("replays.recorded")} aside={session && <Person id={session.profileId ?? session.visitorId ?? ""} identified={session.profileId !== null} />}>
      <div className="grid items-start gap-3 lg:grid-cols-[1fr_340px]">
        <Card>
          {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
          {query.isPending && <Skeleton className="m-4 h-[min(62dvh,640px)]" />}
          {query.data && <Player key={id} events={query.data} />}
        </Card>
        {session && (
          <Card title={t("sessions.timeline")}>
            <div className="max-h-[70dvh] overflow-y-auto"><Timeline events={session.timeline} /></div>
          </Card>
        )}
      </div>
    </Page>
  );
}
