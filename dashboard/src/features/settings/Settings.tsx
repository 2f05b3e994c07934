import { useTranslation } from "react-i18next";

import { Clients } from "@/features/settings/Clients";
import { General } from "@/features/settings/General";
import { KeptOut } from "@/features/settings/KeptOut";
import { SetUp } from "@/features/settings/SetUp";
import { useAddress } from "@/lib/search";
import { Page } from "@/ui/Page";
import { Segmented } from "@/ui/Segmented";

const TABS = ["setup", "general", "clients", "filters"] as const;

export function Settings() {
  const { t } = useTranslation();
  const [search, change] = useAddress();
  const tab = TABS.find((each) => each === search.tab) ?? "general";
  const Part = { setup: SetUp, general: General, clients: Clients, filters: KeptOut }[tab];
  return (
    <Page
      title={t("settings.title")}
      aside={
        <Segmented
          label={t("settings.title")}
          value={tab}
          options={TABS.map((value) => ({ value, label: t(`settings.${value}`) }))}
          onChange={(each) => { change({ tab: each === "general" ? undefined : each }); }}
        />
      }
    >
      <div className="max-w-3xl"><Part /></div>
    </Page>
  );
}
