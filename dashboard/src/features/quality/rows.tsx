import { Gauge } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { Special } from "@/api/kept";
import { Empty } from "@/ui/states";

/** Rows of these reports have the numbers of their own. */
export type Row = Record<string, unknown>;

export function number(row: Row, key: string): number | null {
  const value = row[key];
  return typeof value === "number" ? value : null;
}

/** What would have to be sent for there to be something. */
export function Nothing({ which }: { which: Special }) {
  const { t } = useTranslation();
  return (
    <Empty title={t("common.noData")} icon={<Gauge className="size-4" aria-hidden />} className="min-h-80">
      {t(`quality.hints.${which}`)}
    </Empty>
  );
}
