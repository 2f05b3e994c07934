import { useMutation, useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Sparkles } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiError } from "@/api/client";
import { createProject } from "@/api/people";
import { metrics } from "@/api/queries";
import { session, type OwnOrganisation } from "@/api/session";
import { newSecrets } from "@/lib/secrets";
import { Button } from "@/ui/Button";
import { Field, Input, Select } from "@/ui/fields";
import { Card, Page } from "@/ui/Page";
import { Empty, Failure, Skeleton } from "@/ui/states";

/** Makes a project and leads to what has to be pasted where. */
export function NewProject() {
  const { t } = useTranslation();
  const query = useQuery(session());
  const organisations = query.data?.organisations.filter((each) => each.rights.includes("project.create"));
  return (
    <Page title={t("start.title")}>
      <div className="mx-auto flex max-w-lg flex-col gap-3 pt-2 sm:pt-8">
        {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
        {query.isPending && <Skeleton className="h-80 rounded-xl" />}
        {organisations?.length === 0 && <Empty title={t("start.noOrganisation")} className="card" />}
        {organisations !== undefined && organisations.length > 0 && <Form organisations={organisations} />}
      </div>
    </Page>
  );
}

const LOOKS = 30;
const BETWEEN_LOOKS = 500;

/** Waits until the demo data can be looked at: it is collected as anybody's events are. */
async function filled(queries: QueryClient, projectId: string) {
  let before = 0;
  for (let look = 0; look < LOOKS; look += 1) {
    const { data } = await queries.fetchQuery({ ...metrics(projectId, {}), staleTime: 0 });
    if (data.total_events > 0 && data.total_events === before) return;
    before = data.total_events;
    await new Promise((resolve) => { window.setTimeout(resolve, BETWEEN_LOOKS); });
  }
}

function Form({ organisations }: { organisations: readonly OwnOrganisation[] }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [domain, setDomain] = useState("");
  const [timezone, setTimezone] = useState(() => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC");
  const [organisation, setOrganisation] = useState(organisations[0]?.id ?? "");
  const work = useMutation({
    mutationFn: (demo: boolean) =>
      createProject(demo ? { name: t("start.demoName"), domain: "demo.example", timezone, organisation_id: organisation, demo } : { name, domain, timezone, organisation_id: organisation }),
    onSuccess: async ({ data }, demo) => {
      if (!demo) queries.setQueryData(newSecrets(data.project.id).queryKey, data.clients);
      await queries.invalidateQueries({ queryKey: ["session"] });
      if (demo) await filled(queries, data.project.id);
      await navigate(demo ? { to: "/p/$projectId", params: { projectId: data.project.id } } : { to: "/p/$projectId/settings", params: { projectId: data.project.id }, search: { tab: "setup" } });
    },
  });
  const wrong = (field: string) => (work.error instanceof ApiError && work.error.field === field ? work.error.message : undefined);
  const elsewhere = work.error && !["name", "domain", "timezone"].some(wrong) ? work.error.message : undefined;
  const zones = [...new Set([timezone, "UTC", ...Intl.supportedValuesOf("timeZone")])];
  return (
    <>
      <Card>
        <form
          className="flex flex-col gap-4 p-5"
          onSubmit={(event) => {
            event.preventDefault();
            work.mutate(false);
          }}
        >
          <p className="text-muted">{t("start.hint")}</p>
          <Field label={t("home.name")} error={wrong("name")}>
            {(field) => <Input {...field} className="h-9" autoFocus required maxLength={200} value={name} onChange={(event) => { setName(event.target.value); }} />}
          </Field>
          <Field label={t("home.domain")} hint={t("start.domainHint")} error={wrong("domain")}>
            {(field) => <Input {...field} className="h-9" placeholder="example.com" inputMode="url" autoCapitalize="none" value={domain} onChange={(event) => { setDomain(event.target.value); }} />}
          </Field>
          <Field label={t("home.timezone")} hint={t("settings.generalHint")} error={wrong("timezone")}>
            {(field) => (
              <Select {...field} className="h-9" value={timezone} onChange={(event) => { setTimezone(event.target.value); }}>
                {zones.map((zone) => <option key={zone}>{zone}</option>)}
              </Select>
            )}
          </Field>
          {organisations.length > 1 && (
            <Field label={t("start.organisation")}>
              {(field) => (
                <Select {...field} className="h-9" value={organisation} onChange={(event) => { setOrganisation(event.target.value); }}>
                  {organisations.map((each) => <option key={each.id} value={each.id}>{each.name}</option>)}
                </Select>
              )}
            </Field>
          )}
          {elsewhere && <p role="alert" className="text-bad">{elsewhere}</p>}
          <Button type="submit" look="primary" className="h-9" disabled={work.isPending}>
            {work.isPending && !work.variables ? t("start.making") : t("home.create")}
          </Button>
        </form>
      </Card>
      <Card>
        <div className="flex flex-wrap items-center gap-3 p-4">
          <Sparkles className="size-4 shrink-0 text-accent" aria-hidden />
          <p className="min-w-40 flex-1 text-muted">{t("start.demoHint")}</p>
          <Button disabled={work.isPending} onClick={() => { work.mutate(true); }}>
            {work.isPending && work.variables ? t("start.making") : t("start.demo")}
          </Button>
        </div>
      </Card>
    </>
  );
}
