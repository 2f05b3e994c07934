import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Plus, Trash2, Users, UsersRound } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { send } from "@/api/client";
import { cohort, cohorts } from "@/api/product";
import { EventPicker } from "@/controls/EventPicker";
import { FilterChip } from "@/controls/FilterBar";
import { AddFilterButton } from "@/controls/ViewControls";
import { ago, whole } from "@/lib/format";
import { useProjectId } from "@/lib/search";
import type { Filter } from "@/lib/view";
import { Button, IconButton } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field, Input, Select } from "@/ui/fields";
import { Card, Page } from "@/ui/Page";
import { Empty, Failure, Skeleton } from "@/ui/states";

export function Cohorts() {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const query = useQuery(cohorts(projectId));
  const [making, setMaking] = useState(false);
  return (
    <Page title={t("cohorts.title")} controls={<Button look="primary" onClick={() => { setMaking(true); }}><Plus className="size-3.5" aria-hidden />{t("cohorts.new")}</Button>}>
      {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton className="h-40 rounded-xl" />}
      {query.data?.data.length === 0 && (
        <Card>
          <Empty title={t("cohorts.none")} icon={<Users className="size-4" aria-hidden />} className="min-h-64">{t("cohorts.noneHint")}</Empty>
        </Card>
      )}
      <ul className="grid gap-3 sm:grid-cols-2 xl:grid-cols-3">
        {query.data?.data.map((each) => <Item key={each.id} id={each.id} name={each.name} created={each.created_at} />)}
      </ul>
      {making && <NewCohort onClose={() => { setMaking(false); }} />}
    </Page>
  );
}

function Item({ id, name, created }: { id: string; name: string; created: string }) {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const size = useQuery(cohort(projectId, id));
  const remove = useMutation({
    mutationFn: () => send("DELETE", `insights/${encodeURIComponent(projectId)}/cohorts/${id}`),
    onSuccess: () => client.invalidateQueries({ queryKey: ["insights", projectId, "cohorts"] }),
  });
  const filter: Filter = { name: "cohort", operator: "is", value: [id] };
  return (
    <li className="card flex flex-col gap-2 p-4">
      <div className="flex items-start gap-2">
        <h2 className="min-w-0 flex-1 truncate font-semibold">{name}</h2>
        <IconButton className="-mt-1.5 -mr-1.5" label={`${t("common.delete")}: ${name}`} onClick={() => { setAsking(true); }}>
          <Trash2 className="size-4" aria-hidden />
        </IconButton>
      </div>
      <p className="flex h-7 items-center gap-2">
        <UsersRound className="size-4 text-muted" aria-hidden />
        {size.data ? <span className="tabular text-lg font-semibold">{whole(size.data.data.size)}</span> : <Skeleton className="h-5 w-12" />}
      </p>
      <div className="flex items-center justify-between text-xs">
        <span className="text-muted">{t("cohorts.created", { when: ago(created) })}</span>
        <Link className="text-accent hover:underline" to="/p/$projectId" params={{ projectId }} search={{ filters: [filter] }}>{t("cohorts.use")}</Link>
      </div>
      {asking && (
        <Dialog title={t("common.delete")} onClose={() => { setAsking(false); }}>
          <p>{t("cohorts.confirmDelete", { name })}</p>
          {remove.error && <p role="alert" className="mt-2 text-bad">{remove.error.message}</p>}
          <div className="mt-4 flex justify-end gap-2">
            <Button onClick={() => { setAsking(false); }}>{t("common.cancel")}</Button>
            <Button look="danger" disabled={remove.isPending} onClick={() => { remove.mutate(); }}>{t("common.delete")}</Button>
          </div>
        </Dialog>
      )}
    </li>
  );
}

interface Rule {
  kind: "did" | "didNot";
  event: string;
  count: number;
  days: number;
}

/** A cohort is people who did things, and people of whom something is true. */
function NewCohort({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [rules, setRules] = useState<Rule[]>([{ kind: "did", event: "", count: 1, days: 30 }]);
  const [traits, setTraits] = useState<Filter[]>([]);
  const work = useMutation({
    mutationFn: () => {
      const behaviour = rules
        .filter((rule) => rule.event)
        .map((rule) => (rule.kind === "did" ? { did: { name: rule.event, count: { operator: "gte", value: rule.count }, days: rule.days } } : { didNot: { name: rule.event, days: rule.days } }));
      return send("POST", `insights/${encodeURIComponent(projectId)}/cohorts`, { name, filters: [...behaviour, ...traits] });
    },
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["insights", projectId, "cohorts"] });
      onClose();
    },
  });
  const put = (index: number, patch: Partial<Rule>) => { setRules(rules.map((rule, place) => (place === index ? { ...rule, ...patch } : rule))); };
  return (
    <Dialog title={t("cohorts.new")} wide onClose={onClose}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          work.mutate();
        }}
      >
        <Field label={t("cohorts.name")} error={work.error?.message}>
          {(field) => <Input {...field} required autoFocus value={name} onChange={(event) => { setName(event.target.value); }} />}
        </Field>
        <fieldset className="flex flex-col gap-2">
          <legend className="mb-1 text-xs font-medium">{t("cohorts.behaviour")}</legend>
          {rules.map((rule, index) => (
            <div key={index} className="grid grid-cols-2 items-center gap-2 rounded-lg border border-line bg-sunken p-2 sm:grid-cols-[110px_1fr_150px_150px_32px]">
              <Select aria-label={t("cohorts.rule")} value={rule.kind} onChange={(event) => { put(index, { kind: event.target.value as Rule["kind"] }); }}>
                <option value="did">{t("cohorts.did")}</option>
                <option value="didNot">{t("cohorts.didNot")}</option>
              </Select>
              <EventPicker label={t("dim.name")} any="–" value={rule.event} onChange={(event) => { put(index, { event: event ?? "" }); }} />
              <label className="flex items-center gap-1.5 text-xs whitespace-nowrap text-muted" hidden={rule.kind === "didNot"}>
                {t("cohorts.atLeast")}
                <Input type="number" min={1} max={10000} className="w-16!" value={rule.count} onChange={(event) => { put(index, { count: Number(event.target.value) }); }} />×
              </label>
              <label className="flex items-center gap-1.5 text-xs whitespace-nowrap text-muted sm:col-start-4">
                {t("cohorts.within")}
                <Input type="number" min={1} max={3650} className="w-16!" value={rule.days} onChange={(event) => { put(index, { days: Number(event.target.value) }); }} />
              </label>
              <IconButton className="sm:col-start-5" label={t("common.remove")} onClick={() => { setRules(rules.filter((_, place) => place !== index)); }}>
                <Trash2 className="size-4" aria-hidden />
              </IconButton>
            </div>
          ))}
          <div>
            <Button look="quiet" onClick={() => { setRules([...rules, { kind: "did", event: "", count: 1, days: 30 }]); }}><Plus className="size-3.5" aria-hidden />{t("cohorts.addRule")}</Button>
          </div>
        </fieldset>
        <fieldset>
          <legend className="mb-1 text-xs font-medium">{t("cohorts.trait")}</legend>
          <div className="flex flex-wrap gap-1.5">
            {traits.map((each, index) => (
              <FilterChip
                key={JSON.stringify(each)}
                filter={each}
                onChange={(changed) => { setTraits(traits.map((one, place) => (place === index ? changed : one))); }}
                onRemove={() => { setTraits(traits.filter((_, place) => place !== index)); }}
              />
            ))}
            <AddFilterButton onAdd={(filter) => { setTraits([...traits, filter]); }} />
          </div>
        </fieldset>
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" look="primary" disabled={work.isPending || (traits.length === 0 && !rules.some((rule) => rule.event))}>{t("common.save")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
