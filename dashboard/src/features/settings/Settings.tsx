import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, type ComponentType } from "react";
import { useTranslation } from "react-i18next";

import { may, session, type Action } from "@/api/session";
import { Clients } from "@/features/settings/Clients";
import { General } from "@/features/settings/General";
import { KeptOut } from "@/features/settings/KeptOut";
import { SetUp } from "@/features/settings/SetUp";
import { useAddress, useProjectId } from "@/lib/search";
import { Page } from "@/ui/Page";
import { Skeleton } from "@/ui/states";
import { Tabs } from "@/ui/Tabs";

type Tab = "setup" | "general" | "clients" | "names" | "filters" | "members" | "shares" | "audit" | "danger";

/** Each part of a project's settings, and what one must be allowed to do to see it. */
const PARTS: Record<Tab, { needs: Action; Part: ComponentType }> = {
  general: { needs: "project.read", Part: General },
  setup: { needs: "clients.read", Part: SetUp },
  clients: { needs: "clients.read", Part: Clients },
  members: { needs: "members.read", Part: lazy(() => import("@/features/settings/People").then((module) => ({ default: module.ProjectMembers }))) },
  shares: { needs: "shares.read", Part: lazy(() => import("@/features/settings/Shares").then((module) => ({ default: module.Shares }))) },
  names: { needs: "project.read", Part: lazy(() => import("@/features/settings/Names").then((module) => ({ default: module.Names }))) },
  filters: { needs: "project.read", Part: KeptOut },
  audit: { needs: "audit.read", Part: lazy(() => import("@/features/settings/People").then((module) => ({ default: module.ProjectAudit }))) },
  danger: { needs: "project.delete", Part: lazy(() => import("@/features/settings/Danger").then((module) => ({ default: module.Danger }))) },
};
const TABS = Object.keys(PARTS) as Tab[];

export function Settings() {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const [search, change] = useAddress();
  const project = useQuery(session()).data?.projects.find((each) => each.id === projectId);
  const open = TABS.filter((each) => may(project, PARTS[each].needs));
  const tab = open.find((each) => each === search.tab) ?? "general";
  const { Part } = PARTS[tab];
  return (
    <Page title={t("settings.title")}>
      <div className="flex flex-col gap-3 md:flex-row md:gap-8">
        <Tabs
          label={t("project.sections")}
          value={tab}
          options={open.map((value) => ({ value, label: t(`project.tabs.${value}`) }))}
          onChange={(each) => { change({ tab: each === "general" ? undefined : each }); }}
        />
        <div className="min-w-0 flex-1 md:max-w-3xl">
          <Suspense fallback={<Skeleton className="h-72 rounded-xl" />}>
            <Part key={projectId} />
          </Suspense>
        </div>
      </div>
    </Page>
  );
}
