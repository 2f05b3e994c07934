import { useQuery } from "@tanstack/react-query";
import { Outlet, useRouter } from "@tanstack/react-router";
import { Menu as MenuIcon } from "lucide-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiError } from "@/api/client";
import { session } from "@/api/session";
import { Sidebar } from "@/app/Sidebar";
import { useShortcuts } from "@/app/useShortcuts";
import { IconButton } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Logo } from "@/ui/Logo";
import { Failure, Skeleton } from "@/ui/states";

const Help = lazy(() => import("@/app/Help").then((module) => ({ default: module.Help })));
const Palette = lazy(() => import("@/app/Palette").then((module) => ({ default: module.Palette })));

/** The frame of every page behind the sign-in. */
export function Shell() {
  const { t } = useTranslation();
  const query = useQuery(session());
  const [drawer, setDrawer] = useState(false);
  const [palette, setPalette] = useState(false);
  const [help, setHelp] = useState(false);
  const router = useRouter();
  useShortcuts(() => { setPalette(true); }, () => { setHelp(true); });
  const stranger = query.error instanceof ApiError && query.error.status === 401;
  useEffect(() => {
    if (!stranger) return;
    const { pathname, searchStr } = router.state.location;
    void router.navigate({ to: "/sign-in", search: { next: pathname + searchStr }, replace: true });
  }, [stranger, router]);
  if (stranger) return <Blank />;
  return (
    <div className="lg:pl-[216px]">
      <a href="#content" className="sr-only z-50 rounded-lg bg-accent px-3 py-2 text-on-accent focus:not-sr-only focus:fixed focus:top-2 focus:left-2">
        {t("common.skip")}
      </a>
      <aside className="fixed inset-y-0 left-0 z-30 hidden w-[216px] border-r border-line bg-sunken lg:block">
        <Sidebar onSearch={() => { setPalette(true); }} />
      </aside>
      <header className="flex h-12 items-center gap-2 border-b border-line bg-sunken px-3 lg:hidden">
        <IconButton label={t("common.menu")} onClick={() => { setDrawer(true); }}>
          <MenuIcon className="size-4" aria-hidden />
        </IconButton>
        <Logo className="size-6" />
        <span className="font-semibold">Event Lens</span>
      </header>
      <main id="content" tabIndex={-1} className="mx-auto max-w-[1280px] px-3 outline-none sm:px-6">
        {query.isError ? (
          <Failure error={query.error} onRetry={() => void query.refetch()} className="min-h-[60dvh]" />
        ) : (
          <Suspense fallback={<Waiting />}>
            <Outlet />
          </Suspense>
        )}
      </main>
      {drawer && (
        <Dialog title="Event Lens" side onClose={() => { setDrawer(false); }}>
          <div className="-m-4 h-[calc(100dvh-53px)]">
            <Sidebar onSearch={() => { setDrawer(false); setPalette(true); }} onGo={() => { setDrawer(false); }} />
          </div>
        </Dialog>
      )}
      {help && (
        <Suspense fallback={null}>
          <Help onClose={() => { setHelp(false); }} />
        </Suspense>
      )}
      {palette && (
        <Suspense fallback={null}>
          <Palette onClose={() => { setPalette(false); }} onHelp={() => { setHelp(true); }} />
        </Suspense>
      )}
    </div>
  );
}

/** Before it is known who is there. */
function Blank() {
  return (
    <main className="lg:pl-[216px]" aria-busy>
      <div className="fixed inset-y-0 left-0 hidden w-[216px] border-r border-line bg-sunken lg:block" />
    </main>
  );
}

export function Waiting() {
  return (
    <div className="flex flex-col gap-3 pt-4" aria-busy>
      <Skeleton className="h-8 w-48" />
      <Skeleton className="h-72 rounded-xl" />
    </div>
  );
}
