import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { useFresh } from "@/api/fresh";
import { useLive } from "@/api/live";
import { metrics } from "@/api/queries";
import { FilterBar } from "@/controls/FilterBar";
import { ViewControls } from "@/controls/ViewControls";
import { Headline } from "@/features/overview/Headline";
import { Campaigns, Devices, Events, Pages, Places, Sources } from "@/features/overview/Lists";
import { whole } from "@/lib/format";
import { useProjectId, useView } from "@/lib/search";
import { Page } from "@/ui/Page";

export function Overview() {
  const { t } = useTranslation();
  useFresh(useProjectId(), useView());
  return (
    <Page title={t("nav.overview")} aside={<Online />} controls={<ViewControls compare />} below={<FilterBar />}>
      <div className="flex flex-col gap-3">
        <Headline />
        <div className="grid gap-3 lg:grid-cols-2">
          <Pages />
          <Sources />
          <Places />
          <Devices />
          <Campaigns />
          <Events />
        </div>
        <Caveats />
      </div>
    </Page>
  );
}

function Online() {
  const { t } = useTranslation();
  const query = useLive(useProjectId());
  const visitors = query.data?.data.visitors;
  return (
    <span title={t("overview.onlineHint")} className="inline-flex h-6 min-w-20 items-center gap-2 rounded-full text-xs text-muted" data-testid="online">
      <span className="relative flex size-2">
        {(visitors ?? 0) > 0 && <span className="absolute inset-0 animate-[ping-soft_2s_ease-out_infinite] rounded-full bg-live opacity-60" />}
        <span className={`relative size-2 rounded-full ${visitors ? "bg-live" : "bg-line-strong"}`} />
      </span>
      {visitors === undefined ? "" : t("overview.online", { value: whole(visitors) })}
    </span>
  );
}

/** What the numbers are not: exact, or all of it while a shard of the store is away. */
function Caveats() {
  const { t } = useTranslation();
  const meta = useQuery(metrics(useProjectId(), useView())).data?.meta;
  return (
    <>
      {meta?.partial === true && <p role="status" className="px-1 text-xs text-warn">{t("overview.partial")}</p>}
      {meta?.exact === false && <p className="px-1 text-xs text-muted">{t("overview.approximate")}</p>}
    </>
  );
}
