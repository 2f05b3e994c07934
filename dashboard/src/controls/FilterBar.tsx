import { X } from "lucide-react";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";

import { useKeptNames } from "@/controls/Kept";
import { SaveSegment } from "@/controls/SaveSegment";
import { useNames } from "@/controls/useNames";
import { filterWords } from "@/lib/names";
import { useFilters } from "@/lib/search";
import { shared } from "@/lib/shared";
import type { Filter } from "@/lib/view";
import { Popover } from "@/ui/Popover";

const FilterForm = lazy(() => import("@/controls/FilterForm"));

interface ChipProps {
  filter: Filter;
  onChange: (filter: Filter) => void;
  onRemove: () => void;
}

export function FilterChip({ filter, onChange, onRemove }: ChipProps) {
  const { t } = useTranslation();
  const named = useKeptNames([filter]);
  const [name, operator, values] = filterWords(t, named(filter), useNames());
  return (
    <span className="inline-flex h-7 max-w-full items-stretch overflow-hidden rounded-lg border border-line bg-surface shadow-card">
      <Popover
        label={t("filter.edit")}
        align="start"
        trigger={
          <button type="button" disabled={shared() !== null} className="flex min-w-0 items-center gap-1 pr-1.5 pl-2.5 text-xs hover:bg-hover focus-visible:-outline-offset-2">
            <span className="shrink-0 text-muted">{name}</span>
            <span className="shrink-0 text-muted">{operator}</span>
            <span className="truncate font-medium">{values}</span>
          </button>
        }
      >
        {(close) => (
        <Suspense fallback={<div className="h-80 w-72" />}>
          <FilterForm
            filter={filter}
            onDone={(changed) => {
              onChange(changed);
              close();
            }}
          />
        </Suspense>
        )}
      </Popover>
      <button
        type="button"
        aria-label={t("filter.remove", { text: `${name} ${operator} ${values}` })}
        onClick={onRemove}
        className="flex w-6 items-center justify-center text-muted hover:bg-hover hover:text-ink focus-visible:-outline-offset-2"
      >
        <X className="size-3.5" aria-hidden />
      </button>
    </span>
  );
}

/** The filters that hold; a click changes one, the cross takes it away. */
export function FilterBar() {
  const { t } = useTranslation();
  const [filters, setFilters] = useFilters();
  if (filters.length === 0) return null;
  return (
    <div role="group" aria-label={t("filter.active")} className="flex flex-wrap items-center gap-1.5 pt-2">
      {filters.map((filter, index) => (
        <FilterChip
          key={JSON.stringify(filter)}
          filter={filter}
          onChange={(changed) => { setFilters(filters.map((each, place) => (place === index ? changed : each))); }}
          onRemove={() => { setFilters(filters.filter((_, place) => place !== index)); }}
        />
      ))}
      {!shared() && filters.some((each) => each.name !== "segment") && <SaveSegment filters={filters} onSaved={(segment) => { setFilters([segment]); }} />}
      {filters.length > 1 && (
        <button type="button" onClick={() => { setFilters(undefined); }} className="h-7 rounded-md px-2 text-xs text-muted hover:text-ink">
          {t("filter.clear")}
        </button>
      )}
    </div>
  );
}
