import { ChevronLeft, ChevronRight } from "lucide-react";
import { useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";

import { cx } from "@/lib/classes";
import { IconButton } from "@/ui/Button";
import { Input } from "@/ui/fields";

interface Props {
  from: string | undefined;
  to: string | undefined;
  onPick: (from: string, to: string) => void;
}

function iso(date: Date): string {
  return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;
}

/** The days of a month's six weeks, from a Monday. */
function weeks(month: Date): Date[] {
  const first = new Date(month.getFullYear(), month.getMonth(), 1);
  const shift = (first.getDay() + 6) % 7;
  return Array.from({ length: 42 }, (_, index) => new Date(month.getFullYear(), month.getMonth(), 1 - shift + index));
}

/** A free range: the first click begins it, the second ends it. Dates can be typed as well. */
export function Calendar({ from, to, onPick }: Props) {
  const { t, i18n } = useTranslation();
  const today = iso(new Date());
  const [month, setMonth] = useState(() => new Date(`${to ?? today}T00:00:00`));
  const [begun, setBegun] = useState<string | null>(null);
  const [over, setOver] = useState<string | null>(null);
  const [focused, setFocused] = useState(to ?? today);

  function choose(date: string) {
    if (begun === null) setBegun(date);
    else if (begun <= date) onPick(begun, date);
    else onPick(date, begun);
  }
  function keys(event: KeyboardEvent<HTMLDivElement>) {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = new Date(`${focused}T00:00:00`);
    next.setDate(next.getDate() + step);
    if (iso(next) > today) return;
    setFocused(iso(next));
    setOver(iso(next));
    setMonth(next);
    const grid = event.currentTarget;
    requestAnimationFrame(() => { grid.querySelector<HTMLButtonElement>(`[data-day="${iso(next)}"]`)?.focus(); });
  }
  const low = begun ? (over !== null && over < begun ? over : begun) : from;
  const high = begun ? (over !== null && over > begun ? over : begun) : to;
  const name = new Intl.DateTimeFormat(i18n.language, { month: "long", year: "numeric" });
  const weekday = new Intl.DateTimeFormat(i18n.language, { weekday: "narrow" });
  const full = new Intl.DateTimeFormat(i18n.language, { dateStyle: "full" });

  return (
    <div className="w-[286px] p-3">
      <div className="mb-2 flex items-center gap-1.5">
        <Input type="date" aria-label={t("view.from")} max={today} value={begun ?? from ?? ""} onChange={(event) => { if (event.target.value) setBegun(event.target.value); }} />
        <span aria-hidden className="text-muted">–</span>
        <Input
          type="date"
          aria-label={t("view.to")}
          max={today}
          value={begun ? "" : (to ?? "")}
          onChange={(event) => {
            const first = begun ?? from;
            if (first && event.target.value >= first) onPick(first, event.target.value);
          }}
        />
      </div>
      <div className="mb-1 flex items-center">
        <IconButton label={t("view.previousMonth")} onClick={() => { setMonth(new Date(month.getFullYear(), month.getMonth() - 1, 1)); }}>
          <ChevronLeft className="size-4" aria-hidden />
        </IconButton>
        <p className="flex-1 text-center font-medium" aria-live="polite">{name.format(month)}</p>
        <IconButton label={t("view.nextMonth")} onClick={() => { setMonth(new Date(month.getFullYear(), month.getMonth() + 1, 1)); }}>
          <ChevronRight className="size-4" aria-hidden />
        </IconButton>
      </div>
      {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions -- arrow keys move between its buttons */}
      <div className="grid grid-cols-7 gap-y-0.5" onKeyDown={keys} onPointerLeave={() => { setOver(null); }}>
        {weeks(month).slice(0, 7).map((date) => (
          <span key={iso(date)} aria-hidden className="py-1 text-center text-2xs text-muted">{weekday.format(date)}</span>
        ))}
        {weeks(month).map((date) => {
          const key = iso(date);
          const inside = low !== undefined && high !== undefined && key >= low && key <= high;
          const edge = key === low || key === high;
          return (
            <button
              key={key}
              type="button"
              data-day={key}
              tabIndex={key === focused ? 0 : -1}
              disabled={key > today}
              aria-label={full.format(date)}
              aria-pressed={inside}
              onClick={() => { choose(key); }}
              onPointerEnter={() => { setOver(key); }}
              onFocus={() => { setFocused(key); }}
              className={cx(
                "tabular h-8 text-xs focus-visible:-outline-offset-2 disabled:text-faint",
                date.getMonth() !== month.getMonth() && !edge && "text-muted",
                inside && !edge && "bg-accent-soft",
                edge ? "rounded-lg bg-accent font-medium text-on-accent" : !inside && "rounded-lg hover:bg-hover",
                key === today && !edge && "font-semibold text-accent",
              )}
            >
              {date.getDate()}
            </button>
          );
        })}
      </div>
    </div>
  );
}
