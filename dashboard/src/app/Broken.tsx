import { Link } from "@tanstack/react-router";
import { Compass } from "lucide-react";
import { useTranslation } from "react-i18next";

import { Empty, Failure } from "@/ui/states";

export function NotThere() {
  const { t } = useTranslation();
  return (
    <Empty title={t("common.notThere")} icon={<Compass className="size-4" aria-hidden />} className="min-h-[70dvh]">
      <Link to="/" className="text-accent underline underline-offset-2">
        {t("nav.home")}
      </Link>
    </Empty>
  );
}

/** A page that could not be shown: most often a new version was installed while this one was open. */
export function Failed({ error }: { error: unknown }) {
  return <Failure error={error instanceof Error ? error : new Error(String(error))} onRetry={() => { window.location.reload(); }} className="min-h-[70dvh]" />;
}
