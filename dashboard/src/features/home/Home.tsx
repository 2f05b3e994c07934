import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { FolderPlus } from "lucide-react";
import { useTranslation } from "react-i18next";

import { live, metrics, timeseries } from "@/api/queries";
import { session, type SeenProject } from "@/api/session";
import { Sparkline } from "@/charts/Sparkline";
import { short, whole } from "@/lib/format";
import { Delta } from "@/ui/Delta";
import { Page } from "@/ui/Page";
import { Empty, Failure, Skeleton } from "@/ui/states";

/** All projects at a glance. */
export function Home() {
  const { t } = useTranslation();
  const query = useQuery(session());
  return (
    <Page title={t("home.title")}>
      {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.data?.projects.length === 0 && (
        <Empty title={t("home.empty")} icon={<FolderPlus className="size-4" aria-hidden />} className="card">
          {t("home.emptyHint")}
        </Empty>
      )}
      <div className="grid gap-3 sm:grid-cols-2 xl:grid-cols-3">
        {query.isPending && [0, 1, 2].map((each) => <Skeleton key={each} className="h-40 rounded-xl" />)}
        {query.data?.projects.map((project) => <ProjectCard key={project.id} project={project} />)}
      </div>
    </Page>
  );
}

function ProjectCard({ project }: { project: SeenProject }) {
  const { t } = useTranslation();
  const totals = useQuery(metrics(project.id, {}));
  const series = useQuery(timeseries(project.id, { compare: "none" }));
  const now = useQuery({ ...live(project.id), refetchInterval: 15_000 });
  return (
    <Link
      to="/p/$projectId"
      params={{ projectId: project.id }}
      className="card group flex h-40 flex-col overflow-hidden transition-shadow hover:shadow-raised focus-visible:rounded-xl"
    >
      <div className="flex flex-1 flex-col px-4 pt-3.5">
        <div className="flex items-center gap-2">
          <h2 className="truncate font-semibold">{project.name}</h2>
          <span className="truncate text-xs text-muted">{project.domain}</span>
          {(now.data?.data.visitors ?? 0) > 0 && (
            <span className="ml-auto flex shrink-0 items-center gap-1.5 text-xs text-muted">
              <span className="size-2 rounded-full bg-live" />
              {t("home.online", { value: whole(now.data?.data.visitors ?? 0) })}
            </span>
          )}
        </div>
        <div className="mt-2 flex h-8 items-baseline gap-2">
          {totals.data ? (
            <>
              <span className="tabular text-xl font-semibold tracking-[-0.02em]">{short(totals.data.data.unique_visitors)}</span>
              <span className="text-xs text-muted">{t("home.visitors30")}</span>
              <Delta value={totals.data.data.change?.["unique_visitors"]} />
            </>
          ) : (
            <Skeleton className="h-6 w-32" />
          )}
        </div>
      </div>
      <div className="h-12 [&>svg]:h-12">
        {series.data && <Sparkline active values={series.data.data.map((row) => row.unique_visitors ?? 0)} />}
      </div>
    </Link>
  );
}
