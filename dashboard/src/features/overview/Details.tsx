import { Download } from "lucide-react";
import { useDeferredValue, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { downloadCsv } from "@/lib/csv";
import { IconButton } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { SearchField } from "@/ui/fields";
import { Skeleton } from "@/ui/states";

export interface Column<T> {
  key: string;
  name: string;
  value: (row: T) => number | null;
  show: (row: T) => string;
}

interface Props<T> {
  title: string;
  rows: readonly T[] | undefined;
  text: (row: T) => string;
  label: (row: T) => ReactNode;
  columns: readonly Column<T>[];
  onPick?: (row: T) => void;
  onClose: () => void;
}

/** A list whole: searched, sorted by any column, and as CSV. */
export function Details<T>({ title, rows, text, label, columns, onPick, onClose }: Props<T>) {
  const { t } = useTranslation();
  const [search, setSearch] = useState("");
  const [sort, setSort] = useState<{ key: string; up: boolean } | null>(null);
  const wanted = useDeferredValue(search.trim().toLowerCase());
  let found = (rows ?? []).filter((row) => text(row).toLowerCase().includes(wanted));
  const by = columns.find((each) => each.key === sort?.key);
  if (by && sort) found = found.toSorted((a, b) => ((by.value(a) ?? -1) - (by.value(b) ?? -1)) * (sort.up ? 1 : -1));
  return (
    <Dialog
      title={title}
      wide
      onClose={onClose}
      actions={
        <IconButton
          label={t("common.csv")}
          onClick={() => {
            const heads = [title, ...columns.map((each) => each.name)];
            downloadCsv(title, heads, found.map((row) => [text(row), ...columns.map((each) => each.value(row))]));
          }}
        >
          <Download className="size-4" aria-hidden />
        </IconButton>
      }
    >
      <SearchField label={t("common.search")} className="mb-2" value={search} onChange={(event) => { setSearch(event.target.value); }} />
      <div className="h-[56dvh] overflow-auto">
        <table className="w-full">
          <thead className="sticky top-0 z-10 bg-raised">
            <tr className="text-xs text-muted">
              <th scope="col" className="h-8 pl-2 text-left font-medium">{title}</th>
              {columns.map((each) => (
                <th key={each.key} scope="col" className="px-2 text-right font-medium whitespace-nowrap" aria-sort={sort?.key === each.key ? (sort.up ? "ascending" : "descending") : undefined}>
                  <button type="button" className="rounded hover:text-ink" onClick={() => { setSort({ key: each.key, up: sort?.key === each.key ? !sort.up : false }); }}>
                    {each.name}
                    {sort?.key === each.key && (sort.up ? " ↑" : " ↓")}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows === undefined &&
              Array.from({ length: 12 }, (_, index) => (
                <tr key={index}>
                  <td colSpan={columns.length + 1} className="h-8"><Skeleton className="h-5" /></td>
                </tr>
              ))}
            {found.slice(0, 1000).map((row, index) => (
              <tr key={index} className="border-t border-line hover:bg-hover">
                <td className="max-w-0 w-full py-1 pl-2">
                  {onPick ? (
                    <button type="button" className="flex w-full min-w-0 items-center gap-2 truncate text-left focus-visible:-outline-offset-2" onClick={() => { onPick(row); onClose(); }}>
                      {label(row)}
                    </button>
                  ) : (
                    <span className="flex min-w-0 items-center gap-2 truncate">{label(row)}</span>
                  )}
                </td>
                {columns.map((each) => (
                  <td key={each.key} className="tabular px-2 text-right whitespace-nowrap">{each.show(row)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Dialog>
  );
}
