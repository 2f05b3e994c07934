import type { ReactNode } from "react";

import { cx } from "@/lib/classes";
import { Skeleton } from "@/ui/states";

export interface Col<T> {
  key: string;
  name: string;
  cell: (row: T) => ReactNode;
  right?: boolean;
  /** Left out on narrow screens. */
  wide?: boolean;
  className?: string;
}

interface Props<T> {
  label: string;
  rows: readonly T[] | undefined;
  columns: readonly Col<T>[];
  id: (row: T) => string;
  dim?: boolean;
  skeletons?: number;
}

/** A plain table that scrolls sideways within itself where it must. */
export function Table<T>({ label, rows, columns, id, dim = false, skeletons = 12 }: Props<T>) {
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls sideways, by keyboard too
    <div tabIndex={0} className={cx("overflow-x-auto transition-opacity focus-visible:-outline-offset-2", dim && "opacity-50")}>
      <table className="w-full" aria-label={label}>
        <thead>
          <tr className="border-b border-line text-xs text-muted">
            {columns.map((each) => (
              <th key={each.key} scope="col" className={cx("h-9 px-3 font-medium whitespace-nowrap first:pl-4 last:pr-4", each.right ? "text-right" : "text-left", each.wide && "hidden md:table-cell")}>
                {each.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows === undefined
            ? Array.from({ length: skeletons }, (_, index) => (
                <tr key={index} className="border-b border-line last:border-0">
                  <td colSpan={columns.length} className="h-10 px-4">
                    <Skeleton className="h-4" />
                  </td>
                </tr>
              ))
            : rows.map((row) => (
                <tr key={id(row)} className="border-b border-line last:border-0 hover:bg-hover">
                  {columns.map((each) => (
                    <td key={each.key} className={cx("h-10 max-w-80 truncate px-3 whitespace-nowrap first:pl-4 last:pr-4", each.right && "tabular text-right", each.wide && "hidden md:table-cell", each.className)}>
                      {each.cell(row)}
                    </td>
                  ))}
                </tr>
              ))}
        </tbody>
      </table>
    </div>
  );
}
