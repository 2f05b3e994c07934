import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { changeProject, project } from "@/features/settings/api";
import { useProjectId } from "@/lib/search";
import { Button } from "@/ui/Button";
import { Field, Input, Select } from "@/ui/fields";
import { Card } from "@/ui/Page";
import { Failure, Skeleton } from "@/ui/states";

export function General() {
  const projectId = useProjectId();
  const query = useQuery(project(projectId));
  if (query.isError) return <Failure error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton className="h-72 rounded-xl" />;
  return <Form key={projectId} {...query.data.data} />;
}

function Form(now: { id: string; name: string; domain: string; timezone: string; allow_unverified_revenue?: boolean; event_retention_days?: number | null }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [name, setName] = useState(now.name);
  const [domain, setDomain] = useState(now.domain);
  const [timezone, setTimezone] = useState(now.timezone);
  const [unverified, setUnverified] = useState(now.allow_unverified_revenue ?? false);
  const [days, setDays] = useState(now.event_retention_days ?? null);
  const work = useMutation({
    mutationFn: () => changeProject(now.id, { name, domain, timezone, allow_unverified_revenue: unverified, event_retention_days: days }),
    onSuccess: async () => {
      await client.invalidateQueries();
    },
  });
  const zones = [...new Set([now.timezone, "UTC", ...Intl.supportedValuesOf("timeZone")])];
  return (
    <Card title={t("settings.general")}>
      <form
        className="flex flex-col gap-4 p-4"
        onSubmit={(event) => {
          event.preventDefault();
          work.mutate();
        }}
      >
        <Field label={t("settings.name")}>
          {(field) => <Input {...field} required value={name} onChange={(event) => { setName(event.target.value); }} />}
        </Field>
        <Field label={t("settings.domain")}>
          {(field) => <Input {...field} placeholder="example.com" value={domain} onChange={(event) => { setDomain(event.target.value); }} />}
        </Field>
        <Field label={t("settings.timezone")} hint={t("settings.generalHint")} error={work.error?.message}>
          {(field) => (
            <Select {...field} value={timezone} onChange={(event) => { setTimezone(event.target.value); }}>
              {zones.map((zone) => <option key={zone}>{zone}</option>)}
            </Select>
          )}
        </Field>
        <Field label={t("project.keep")} hint={t("project.keepHint")}>
          {(field) => (
            <Input
              {...field}
              type="number"
              min={0}
              max={36500}
              placeholder={t("project.keepAsSet")}
              value={days ?? ""}
              onChange={(event) => { setDays(event.target.value === "" ? null : Number(event.target.value)); }}
            />
          )}
        </Field>
        <label className="flex items-center gap-2">
          <input type="checkbox" className="size-4 accent-(--accent)" checked={unverified} onChange={(event) => { setUnverified(event.target.checked); }} />
          {t("settings.unverified")}
        </label>
        <div className="flex items-center gap-3">
          <Button type="submit" look="primary" disabled={work.isPending}>{t("common.save")}</Button>
          <span role="status" className="text-good">{work.isSuccess ? t("settings.saved") : ""}</span>
        </div>
      </form>
    </Card>
  );
}
