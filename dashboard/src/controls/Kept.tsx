import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Layers, Trash2, Users } from "lucide-react";
import { useTranslation } from "react-i18next";

import { removeSegment, segments } from "@/api/kept";
import { cohorts } from "@/api/product";
import { useProjectId } from "@/lib/search";
import type { Filter } from "@/lib/view";
import { IconButton } from "@/ui/Button";

/** Names of what filters refer to by its id. */
export function useKeptNames(filters: readonly Filter[]): (filter: Filter) => Filter {
  const projectId = useProjectId();
  const needs = (name: string) => filters.some((each) => each.name === name);
  const kept = useQuery({ ...segments(projectId), enabled: needs("segment") }).data?.data ?? [];
  const groups = useQuery({ ...cohorts(projectId), enabled: needs("cohort") }).data?.data ?? [];
  const names = new Map([...kept, ...groups].map((each) => [each.id, each.name]));
  return (filter) => (filter.name === "segment" || filter.name === "cohort" ? { ...filter, value: filter.value.map((id) => names.get(String(id)) ?? id) } : filter);
}

/** Segments and cohorts of the project, to filter by with one click. */
export function Kept({ wanted, onPick }: { wanted: string; onPick: (filter: Filter) => void }) {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const client = useQueryClient();
  const fits = (each: { name: string }) => each.name.toLowerCase().includes(wanted);
  const kept = (useQuery(segments(projectId)).data?.data ?? []).filter(fits);
  const groups = (useQuery(cohorts(projectId)).data?.data ?? []).filter(fits);
  const remove = useMutation({
    mutationFn: (id: string) => removeSegment(projectId, id),
    onSuccess: () => client.invalidateQueries({ queryKey: ["manage", projectId, "segments"] }),
  });
  return (
    <>
      {kept.length > 0 && (
        <section aria-label={t("filter.segment")}>
          <h3 className="px-2 pt-2 pb-1 text-2xs font-medium text-muted">{t("filter.segment")}</h3>
          {kept.map((each) => (
            <div key={each.id} className="flex items-center rounded-lg hover:bg-hover">
              <Row name={each.name} icon={Layers} onPick={() => { onPick({ name: "segment", operator: "is", value: [each.id] }); }} />
              <IconButton className="size-7" label={`${t("common.delete")}: ${each.name}`} onClick={() => { remove.mutate(each.id); }}>
                <Trash2 className="size-3.5" aria-hidden />
              </IconButton>
            </div>
          ))}
          {remove.isError && <p role="alert" className="px-2 text-xs text-bad">{remove.error.message}</p>}
        </section>
      )}
      {groups.length > 0 && (
        <section aria-label={t("nav.cohorts")}>
          <h3 className="px-2 pt-2 pb-1 text-2xs font-medium text-muted">{t("nav.cohorts")}</h3>
          {groups.map((each) => (
            <div key={each.id} className="rounded-lg hover:bg-hover">
              <Row name={each.name} icon={Users} onPick={() => { onPick({ name: "cohort", operator: "is", value: [each.id] }); }} />
            </div>
          ))}
        </section>
      )}
    </>
  );
}

function Row({ name, icon: Icon, onPick }: { name: string; icon: typeof Layers; onPick: () => void }) {
  return (
    <button type="button" onClick={onPick} className="flex h-8 w-full min-w-0 items-center gap-2 rounded-lg px-2 text-left focus-visible:-outline-offset-2">
      <Icon className="size-3.5 shrink-0 text-muted" aria-hidden />
      <span className="truncate">{name}</span>
    </button>
  );
}
