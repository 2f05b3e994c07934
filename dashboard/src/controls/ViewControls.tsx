import { ArrowLeftRight, ChevronDown, ListFilter } from "lucide-react";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";

import { RangePicker } from "@/controls/RangePicker";
import { useAddress, useFilters, useView } from "@/lib/search";
import { shared } from "@/lib/shared";
import { COMPARISONS, type Filter } from "@/lib/view";
import { Button } from "@/ui/Button";
import { Menu, MenuItem, MenuLabel } from "@/ui/Menu";
import { Popover } from "@/ui/Popover";

const FilterForm = lazy(() => import("@/controls/FilterForm"));

function AddFilter() {
  const [filters, setFilters] = useFilters();
  return <AddFilterButton onAdd={(filter) => { setFilters([...filters, filter]); }} />;
}

/** A button that asks for one filter. */
export function AddFilterButton({ onAdd }: { onAdd: (filter: Filter) => void }) {
  const { t } = useTranslation();
  return (
    <Popover
      label={t("filter.title")}
      trigger={
        <Button data-key="f">
          <ListFilter className="size-3.5 text-muted" aria-hidden />
          {t("filter.add")}
        </Button>
      }
    >
      {(close) => (
      <Suspense fallback={<div className="h-80 w-72" />}>
        <FilterForm
          onDone={(filter) => {
            onAdd(filter);
            close();
          }}
        />
      </Suspense>
      )}
    </Popover>
  );
}

function Compare() {
  const { t } = useTranslation();
  const view = useView();
  const [, change] = useAddress();
  const chosen = view.compare ?? "previous";
  return (
    <Menu
      trigger={
        <Button aria-label={`${t("view.compare")}: ${t(`view.${chosen}`)}`}>
          <ArrowLeftRight className="size-3.5 text-muted" aria-hidden />
          <span className="hidden lg:inline">{t(`view.${chosen}`)}</span>
          <ChevronDown className="size-3.5 text-muted" aria-hidden />
        </Button>
      }
    >
      <MenuLabel>{t("view.compareWith")}</MenuLabel>
      {COMPARISONS.map((each) => (
        <MenuItem key={each} checked={chosen === each} onSelect={() => { change({ compare: each === "previous" ? undefined : each }); }}>
          {t(`view.${each}`)}
        </MenuItem>
      ))}
    </Menu>
  );
}

/** What steers a report: filter, span, comparison. */
export function ViewControls({ compare = false, filter = true }: { compare?: boolean; filter?: boolean }) {
  return (
    <>
      {filter && !shared() && <AddFilter />}
      <RangePicker />
      {compare && <Compare />}
    </>
  );
}
