import type { UseQueryResult } from "@tanstack/react-query";
import { Maximize2 } from "lucide-react";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { BarList, type BarRow } from "@/charts/BarList";
import { Downloads } from "@/controls/Downloads";
import { cx } from "@/lib/classes";
import { IconButton } from "@/ui/Button";
import { Segmented } from "@/ui/Segmented";
import { Empty, Failure, Skeleton } from "@/ui/states";

export const ROWS = 8;
/** A panel is as high as its rows, whether they are there yet or not. */
const HEIGHT = "h-[calc(8*32px+34px)]";

interface PanelProps<T extends string> {
  title: string;
  tabs: readonly { value: T; label: string }[];
  tab: T;
  onTab: (tab: T) => void;
  children: ReactNode;
  details?: ((close: () => void) => ReactNode) | undefined;
  extra?: ReactNode;
}

/** A card with tabs over a list, and a button that opens the whole list. */
export function Panel<T extends string>({ title, tabs, tab, onTab, children, details, extra }: PanelProps<T>) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <section className="card group flex min-w-0 flex-col" aria-label={title}>
      <header className="flex h-11 items-center gap-2 border-b border-line pr-1.5 pl-4">
        <h2 className="sr-only">{title}</h2>
        <div className="min-w-0 flex-1">
          <Segmented look="tabs" label={title} value={tab} options={tabs} onChange={onTab} />
        </div>
        {extra}
        <span className="opacity-0 transition-opacity group-focus-within:opacity-100 group-hover:opacity-100 pointer-coarse:opacity-100" data-plain>
          <Downloads name={title} />
        </span>
        {details && (
          <IconButton data-plain className="size-7" label={`${t("common.details")}: ${title}`} onClick={() => { setOpen(true); }}>
            <Maximize2 className="size-3.5" aria-hidden />
          </IconButton>
        )}
      </header>
      <div className={cx("p-2", HEIGHT)}>{children}</div>
      {open && details?.(() => { setOpen(false); })}
    </section>
  );
}

interface ListProps {
  query: Pick<UseQueryResult, "isError" | "error" | "isPlaceholderData"> & { refetch: () => unknown };
  rows: readonly BarRow[] | undefined;
  heads: readonly [string, string];
  onPick?: (row: BarRow) => void;
  empty?: ReactNode;
}

export function PanelList({ query, rows, heads, onPick, empty }: ListProps) {
  const { t } = useTranslation();
  if (query.isError && query.error) return <Failure error={query.error} onRetry={() => { query.refetch(); }} />;
  if (!rows) {
    return (
      <div>
        <div className="h-[18px]" />
        {Array.from({ length: ROWS }, (_, index) => (
          <div key={index} className="flex h-8 items-center" style={{ width: `${92 - index * 9}%` }}>
            <Skeleton className="h-[26px] w-full" />
          </div>
        ))}
      </div>
    );
  }
  if (rows.length === 0) return empty ?? <Empty title={t("common.noData")} className="h-full">{t("common.noDataHint")}</Empty>;
  return (
    <div className={cx("transition-opacity", query.isPlaceholderData && "opacity-50")}>
      <div className="mb-0.5 flex h-[16px] items-center justify-between px-2 text-2xs text-muted">
        <span>{heads[0]}</span>
        <span>{heads[1]}</span>
      </div>
      <BarList rows={rows} onPick={onPick} action={(row) => t("common.filterBy", { value: row.text })} />
    </div>
  );
}
