import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { session } from "@/api/session";
import { AuditLog } from "@/controls/AuditLog";
import { Profile } from "@/features/account/Profile";
import { Security } from "@/features/account/Security";
import { Sessions } from "@/features/account/Sessions";
import { Tokens } from "@/features/account/Tokens";
import { useAddress } from "@/lib/search";
import { Page } from "@/ui/Page";
import { Empty, Failure, Skeleton } from "@/ui/states";
import { Tabs } from "@/ui/Tabs";

const TABS = ["profile", "security", "sessions", "tokens", "activity"] as const;

/** One's own account. */
export function AccountPage() {
  const { t } = useTranslation();
  const [search, change] = useAddress();
  const query = useQuery(session());
  const user = query.data?.user;
  const tab = TABS.find((each) => each === search.tab) ?? "profile";
  return (
    <Page title={t("me.title")}>
      {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton className="h-72 rounded-xl" />}
      {query.data && !user && <Empty title={t("account.unavailable")} />}
      {user && (
        <div className="flex flex-col gap-3 md:flex-row md:gap-8">
          <Tabs label={t("me.title")} value={tab} options={TABS.map((value) => ({ value, label: t(`me.tabs.${value}`) }))} onChange={(each) => { change({ tab: each === "profile" ? undefined : each }); }} />
          <div className="min-w-0 flex-1 md:max-w-3xl">
            {tab === "profile" && <Profile user={user} />}
            {tab === "security" && <Security user={user} />}
            {tab === "sessions" && <Sessions />}
            {tab === "tokens" && <Tokens />}
            {tab === "activity" && <AuditLog />}
          </div>
        </div>
      )}
    </Page>
  );
}
