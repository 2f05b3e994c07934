import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { renameOrganisation } from "@/api/people";
import { session, type OwnOrganisation } from "@/api/session";
import { AuditLog } from "@/controls/AuditLog";
import { Members } from "@/controls/Members";
import { useAddress } from "@/lib/search";
import { Button } from "@/ui/Button";
import { Field, Input } from "@/ui/fields";
import { Card, Page } from "@/ui/Page";
import { Empty, Failure, Skeleton } from "@/ui/states";
import { Tabs } from "@/ui/Tabs";

/** An organisation: its members, its projects, its log. */
export function Organisation() {
  const { t } = useTranslation();
  const { organisationId } = useParams({ strict: false });
  const query = useQuery(session());
  const own = query.data?.organisations.find((each) => each.id === organisationId);
  if (query.isError) return <Failure error={query.error} onRetry={() => void query.refetch()} />;
  if (query.isPending) return <Skeleton className="mt-14 h-72 rounded-xl" />;
  if (!own) return <Empty title={t("common.notThere")} className="min-h-[60dvh]" />;
  return <Parts key={own.id} organisation={own} />;
}

function Parts({ organisation }: { organisation: OwnOrganisation }) {
  const { t } = useTranslation();
  const [search, change] = useAddress();
  const mayRead = organisation.rights.includes("audit.read");
  const tabs = mayRead ? (["members", "general", "audit"] as const) : (["members", "general"] as const);
  const tab = tabs.find((each) => each === search.tab) ?? "members";
  const place = { organisationId: organisation.id };
  const names = { members: t("team.members"), general: t("settings.general"), audit: t("audit.title") };
  return (
    <Page title={organisation.name} aside={<span className="text-muted">{t("team.title")}</span>}>
      <div className="flex flex-col gap-3 md:flex-row md:gap-8">
        <Tabs label={t("team.title")} value={tab} options={tabs.map((value) => ({ value, label: names[value] }))} onChange={(each) => { change({ tab: each === "members" ? undefined : each }); }} />
        <div className="min-w-0 flex-1 md:max-w-3xl">
          {tab === "members" && <Members place={place} mayChange={organisation.rights.includes("members.write")} />}
          {tab === "general" && <General organisation={organisation} />}
          {tab === "audit" && <AuditLog place={place} />}
        </div>
      </div>
    </Page>
  );
}

function General({ organisation }: { organisation: OwnOrganisation }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const projects = useQuery(session()).data?.projects.filter((each) => each.organisation_id === organisation.id) ?? [];
  const [name, setName] = useState(organisation.name);
  const work = useMutation({ mutationFn: () => renameOrganisation(organisation.id, name), onSuccess: () => queries.invalidateQueries({ queryKey: ["session"] }) });
  return (
    <div className="flex flex-col gap-3">
      {organisation.rights.includes("organisation.write") && (
        <Card title={t("settings.general")}>
          <form
            className="flex flex-col gap-4 p-4"
            onSubmit={(event) => {
              event.preventDefault();
              work.mutate();
            }}
          >
            <Field label={t("team.name")} error={work.error?.message}>
              {(field) => <Input {...field} required maxLength={200} value={name} onChange={(event) => { setName(event.target.value); }} />}
            </Field>
            <div className="flex items-center gap-3">
              <Button type="submit" look="primary" disabled={work.isPending}>{t("common.save")}</Button>
              <span role="status" className="text-good">{work.isSuccess ? t("settings.saved") : ""}</span>
            </div>
          </form>
        </Card>
      )}
      <Card title={t("team.projects")}>
        <ul className="divide-y divide-line">
          {projects.map((each) => (
            <li key={each.id}>
              <Link to="/p/$projectId" params={{ projectId: each.id }} className="flex items-center gap-3 px-4 py-2.5 hover:bg-hover focus-visible:-outline-offset-2">
                <span className="font-medium">{each.name}</span>
                <span className="truncate text-muted">{each.domain}</span>
              </Link>
            </li>
          ))}
        </ul>
      </Card>
    </div>
  );
}
