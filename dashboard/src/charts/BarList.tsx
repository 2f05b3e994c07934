import type { ReactNode } from "react";

import { cx } from "@/lib/classes";

export interface BarRow {
  key: string;
  label: ReactNode;
  /** The label in words. */
  text: string;
  value: number;
  shown: string;
  aside?: ReactNode;
  active?: boolean;
}

interface Props {
  rows: readonly BarRow[];
  /** What pressing a row does, in words: "Filter by {{text}}". */
  action?: (row: BarRow) => string;
  onPick?: ((row: BarRow) => void) | undefined;
}

/** Values with bars behind them; a row is a button where pressing it does something. */
export function BarList({ rows, action, onPick }: Props) {
  const max = Math.max(1, ...rows.map((row) => row.value));
  return (
    <ul className="flex flex-col gap-0.5">
      {rows.map((row) => {
        const inside = (
          <>
            <span
              aria-hidden
              className={cx("absolute inset-y-0 left-0 rounded-md transition-[width] duration-300", row.active ? "bg-accent opacity-30" : "bg-accent-bar")}
              style={{ width: `${Math.max(0.6, (row.value / max) * 100)}%` }}
            />
            <span className="relative flex min-w-0 flex-1 items-center gap-2 truncate text-left">{row.label}</span>
            {row.aside && <span className="relative shrink-0">{row.aside}</span>}
            <span className="tabular relative w-14 shrink-0 text-right font-medium">{row.shown}</span>
          </>
        );
        const className = "relative flex h-[30px] w-full items-center gap-2 overflow-hidden rounded-md pr-2 pl-2.5";
        return (
          <li key={row.key}>
            {onPick ? (
              <button
                type="button"
                aria-pressed={row.active ?? false}
                title={action?.(row)}
                onClick={() => { onPick(row); }}
                className={cx(className, "hover:bg-hover focus-visible:-outline-offset-2")}
              >
                {inside}
              </button>
            ) : (
              <div className={className}>{inside}</div>
            )}
          </li>
        );
      })}
    </ul>
  );
}
