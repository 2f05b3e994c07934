import { CalendarDays, ChevronDown } from "lucide-react";
import { useTranslation } from "react-i18next";

import { Calendar } from "@/controls/Calendar";
import { cx } from "@/lib/classes";
import { day } from "@/lib/format";
import { useAddress, useView } from "@/lib/search";
import { DEFAULT_RANGE, type Range } from "@/lib/view";
import { Button } from "@/ui/Button";
import { Popover } from "@/ui/Popover";

const PRESETS: Range[][] = [
  ["today", "yesterday", "last24h"],
  ["7d", "30d", "3m", "12m"],
  ["monthToDate", "lastMonth", "yearToDate", "all"],
];

export function rangeWords(view: { range?: Range; from?: string; to?: string }, name: (range: Range) => string): string {
  if (!view.from || !view.to) return name(view.range ?? DEFAULT_RANGE);
  const first = day(new Date(`${view.from}T00:00:00`));
  return view.from === view.to ? first : `${first} – ${day(new Date(`${view.to}T00:00:00`))}`;
}

/** The span: presets at the left, a free range on a calendar. */
export function RangePicker() {
  const { t } = useTranslation();
  const view = useView();
  const [, change] = useAddress();
  const words = rangeWords(view, (range) => t(`view.ranges.${range}`));
  return (
    <Popover
      label={t("view.range")}
      trigger={
        <Button data-key="d" aria-label={`${t("view.range")}: ${words}`}>
          <CalendarDays className="size-3.5 text-muted" aria-hidden />
          <span className="max-w-44 truncate">{words}</span>
          <ChevronDown className="size-3.5 text-muted" aria-hidden />
        </Button>
      }
    >
      {(close) => (
      <div className="flex flex-col sm:flex-row">
        <div className="grid grid-cols-2 gap-x-1 border-b border-line p-1.5 sm:flex sm:w-40 sm:flex-col sm:border-r sm:border-b-0">
          {PRESETS.map((group, index) => (
            <div key={index} className={cx("contents sm:block", index > 0 && "sm:mt-1 sm:border-t sm:border-line sm:pt-1")}>
              {group.map((range) => {
                const on = !view.from && (view.range ?? DEFAULT_RANGE) === range;
                return (
                  <button
                    key={range}
                    type="button"
                    aria-pressed={on}
                    onClick={() => {
                      change({ range: range === DEFAULT_RANGE ? undefined : range, from: undefined, to: undefined, interval: undefined });
                      close();
                    }}
                    className={cx("h-8 w-full rounded-lg px-2.5 text-left hover:bg-hover", on && "bg-accent-soft font-medium text-accent")}
                  >
                    {t(`view.ranges.${range}`)}
                  </button>
                );
              })}
            </div>
          ))}
        </div>
        <Calendar
          from={view.from}
          to={view.to}
          onPick={(from, to) => {
            change({ from, to, range: undefined, interval: undefined });
            close();
          }}
        />
      </div>
      )}
    </Popover>
  );
}
