import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { FolderPlus, Plus } from "lucide-react";
import { useTranslation } from "react-i18next";

import { usage, type Usage } from "@/api/people";
import { live, metrics, timeseries } from "@/api/queries";
import { session, type SeenProject } from "@/api/session";
import { Sparkline } from "@/charts/Sparkline";
import { bytes, short, whole } from "@/lib/format";
import { buttonClass } from "@/ui/Button";
import { Delta } from "@/ui/Delta";
import { Page } from "@/ui/Page";
import { Empty, Failure, Skeleton } from "@/ui/states";

/** All projects at a glance. */
export function Home() {
  const { t } = useTranslation();
  const query = useQuery(session());
  const kept = useQuery(usage());
  const mayMake = query.data?.organisations.some((each) => each.rights.includes("project.create")) ?? false;
  return (
    <Page
      title={t("home.title")}
      controls={
        mayMake && (
          <Link to="/new" className={buttonClass("primary")}>
            <Plus className="size-3.5" aria-hidden />
            {t("home.new")}
          </Link>
        )
      }
    >
      {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.data?.projects.length === 0 && (
        <Empty title={t("home.empty")} icon={<FolderPlus className="size-4" aria-hidden />} className="card">
          <p>{t(mayMake ? "home.emptyHint" : "start.noOrganisation")}</p>
          {mayMake && <Link to="/new" className={buttonClass("primary", "mt-3")}>{t("home.new")}</Link>}
        </Empty>
      )}
      <div className="grid gap-3 sm:grid-cols-2 xl:grid-cols-3">
        {query.isPending && [0, 1, 2].map((each) => <Skeleton key={each} className="h-44 rounded-xl" />)}
        {query.data?.projects.map((project) => <ProjectCard key={project.id} project={project} kept={kept.data?.data.find((each) => each.project_id === project.id)} />)}
      </div>
    </Page>
  );
}

function ProjectCard({ project, kept }: { project: SeenProject; kept: Usage | undefined }) {
  const { t } = useTranslation();
  const totals = useQuery(metrics(project.id, {}));
  const series = useQuery(timeseries(project.id, { compare: "none" }));
  const now = useQuery({ ...live(project.id), refetchInterval: 15_000 });
  return (
    <Link
      to="/p/$projectId"
      params={{ projectId: project.id }}
      className="card group flex h-44 flex-col overflow-hidden transition-shadow hover:shadow-raised focus-visible:rounded-xl"
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
        <p className="tabular h-5 truncate text-xs text-muted" title={t("start.usageHint")}>
          {kept && (kept.events === 0 ? t("start.noEvents") : t("start.usage", { count: kept.events, events: short(kept.events), size: bytes(kept.bytes) }))}
        </p>
      </div>
      <div className="h-12 [&>svg]:h-12">
        {series.data && <Sparkline active values={series.data.data.map((row) => row.unique_visitors ?? 0)} />}
      </div>
    </Link>
  );
}
