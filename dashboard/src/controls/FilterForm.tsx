import { useQuery } from "@tanstack/react-query";
import { ArrowLeft, Check, ChevronRight } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";

import { eventNames, propertyKeys, propertyValues } from "@/api/queries";
import { Kept } from "@/controls/Kept";
import { useNames } from "@/controls/useNames";
import { cx } from "@/lib/classes";
import { short } from "@/lib/format";
import { dimensionName, listed, propertyOf, valueName, type Names } from "@/lib/names";
import { useProjectId, useView } from "@/lib/search";
import { OPERATORS, type Filter, type Operator } from "@/lib/view";
import { Button, IconButton } from "@/ui/Button";
import { SearchField, Select } from "@/ui/fields";

const GROUPS = {
  page: ["path", "title", "origin", "query"],
  source: ["referrer_name", "referrer_type", "referrer", "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"],
  place: ["country", "region", "city", "language"],
  device: ["device", "browser", "browser_version", "os", "os_version", "brand", "model", "screen"],
  event: ["name", "revenue", "currency", "sdk"],
  person: ["profile_id", "device_id", "session_id", "group"],
} as const;

const WITHOUT_VALUE: Operator[] = ["isNull", "isNotNull"];

interface Props {
  filter?: Filter;
  onDone: (filter: Filter) => void;
}

/** Choose what to filter by, how, and the values, with the project's own values to pick from. */
export default function FilterForm({ filter, onDone }: Props) {
  const [name, setName] = useState(filter?.name ?? null);
  return (
    <div className="w-72">
      {name === null ? (
        <Dimensions onPick={setName} onDone={onDone} />
      ) : (
        <Values key={name} name={name} filter={filter?.name === name ? filter : undefined} onBack={() => { setName(null); }} onDone={onDone} />
      )}
    </div>
  );
}

function Dimensions({ onPick, onDone }: { onPick: (name: string) => void; onDone: (filter: Filter) => void }) {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const view = useView();
  const [search, setSearch] = useState("");
  const keys = useQuery(propertyKeys(projectId, view));
  const traits = useQuery(propertyKeys(projectId, view, "profile"));
  const wanted = search.trim().toLowerCase();
  const shown = useNames();
  const fits = (name: string) => {
    const property = propertyOf(name);
    return property ? listed(shown, ...property, wanted) : `${dimensionName(t, name)} ${name}`.toLowerCase().includes(wanted);
  };
  const groups = Object.entries(GROUPS).map(([group, names]): [string, string[]] => [
    t(`filter.groups.${group as keyof typeof GROUPS}`),
    names.filter(fits),
  ]);
  groups.push([t("filter.event"), (keys.data?.data ?? []).map((each) => each.name).filter(fits)]);
  groups.push([t("filter.traits"), (traits.data?.data ?? []).map((each) => each.name).filter(fits)]);
  return (
    <div className="p-2">
      <SearchField autoFocus label={t("filter.dimension")} value={search} onChange={(event) => { setSearch(event.target.value); }} />
      <div className="mt-1 max-h-72 overflow-y-auto">
        <Kept wanted={wanted} onPick={onDone} />
        {groups.map(([title, names]) =>
          names.length === 0 ? null : (
            <section key={title} aria-label={title}>
              <h3 className="px-2 pt-2 pb-1 text-2xs font-medium text-muted">{title}</h3>
              {names.map((each) => (
                <button key={each} type="button" onClick={() => { onPick(each); }} className="flex h-8 w-full items-center rounded-lg px-2 text-left hover:bg-hover focus-visible:-outline-offset-2">
                  <span className="flex-1 truncate">{dimensionName(t, each, shown)}</span>
                  <ChevronRight className="size-3.5 text-muted" aria-hidden />
                </button>
              ))}
            </section>
          ),
        )}
      </div>
    </div>
  );
}

interface ValuesProps {
  name: string;
  filter: Filter | undefined;
  onBack: () => void;
  onDone: (filter: Filter) => void;
}

interface Value {
  value: unknown;
  count: number;
}

/** The project's own values. Those of events are its names of them, found by what is sent and by what is shown. */
function useValues(name: string, wanted: string, names: Names): { rows: Value[]; isFetching: boolean; isPending: boolean } {
  const projectId = useProjectId();
  const view = useView();
  const events = name === "name";
  const values = useQuery({ ...propertyValues(projectId, view, name, wanted), enabled: !events });
  const all = useQuery({ ...eventNames(projectId, { ...view, filters: [] }, 500), enabled: events });
  const { isFetching, isPending } = events ? all : values;
  const found = (all.data?.data ?? []).filter((row) => listed(names, "event", row.name, wanted.toLowerCase()));
  const rows: Value[] = events ? found.slice(0, 100).map((row) => ({ value: row.name, count: row.count })) : (values.data?.data ?? []);
  return { rows: rows.filter((each) => each.value !== null), isFetching, isPending };
}

function Values({ name, filter, onBack, onDone }: ValuesProps) {
  const { t } = useTranslation();
  const names = useNames();
  const [operator, setOperator] = useState<Operator>(filter?.operator ?? "is");
  const [chosen, setChosen] = useState<string[]>(filter?.value.map(String) ?? []);
  const [search, setSearch] = useState("");
  const wanted = useDeferredValue(search.trim());
  const values = useValues(name, wanted, names);
  const known = values.rows;
  const rows = [...chosen.filter((each) => !known.some((row) => String(row.value) === each)).map((value) => ({ value, count: 0 })), ...known];
  const bare = WITHOUT_VALUE.includes(operator);
  const typed = name === "name" ? names.sent("event", search.trim()) : search.trim();

  function toggle(value: string) {
    setChosen((before) => (before.includes(value) ? before.filter((each) => each !== value) : [...before, value]));
  }
  function finish() {
    const value = bare ? [] : chosen.length > 0 ? chosen : [typed];
    onDone({ name, operator, value });
  }
  return (
    <form
      className="p-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (bare || chosen.length > 0 || typed) finish();
      }}
    >
      <div className="mb-2 flex items-center gap-1">
        <IconButton label={t("common.back")} onClick={onBack}>
          <ArrowLeft className="size-4" aria-hidden />
        </IconButton>
        <span className="min-w-0 flex-1 truncate font-medium">{dimensionName(t, name, names)}</span>
        <Select
          aria-label={t("filter.title")}
          className="w-auto! max-w-32"
          value={operator}
          onChange={(event) => { setOperator(event.target.value as Operator); }}
        >
          {OPERATORS.map((each) => (
            <option key={each} value={each}>
              {t(`filter.operators.${each}`)}
            </option>
          ))}
        </Select>
      </div>
      {!bare && (
        <>
          <SearchField autoFocus label={t("filter.typeValue")} value={search} onChange={(event) => { setSearch(event.target.value); }} />
          <div className="mt-1 h-56 overflow-y-auto" aria-busy={values.isFetching}>
            {typed && !rows.some((row) => String(row.value) === typed) && (
              <Option on={chosen.includes(typed)} onPick={() => { toggle(typed); setSearch(""); }} label={t("filter.use", { value: typed })} />
            )}
            {rows.map((row) => (
              <Option
                key={String(row.value)}
                on={chosen.includes(String(row.value))}
                onPick={() => { toggle(String(row.value)); }}
                label={valueName(t, name, String(row.value), names)}
                count={row.count}
              />
            ))}
            {!typed && rows.length === 0 && !values.isPending && <p className="p-3 text-center text-muted">{t("filter.noValues")}</p>}
          </div>
        </>
      )}
      <Button type="submit" look="primary" className="mt-2 w-full" disabled={!bare && chosen.length === 0 && !typed}>
        {t("common.apply")}
      </Button>
    </form>
  );
}

function Option({ on, label, count = 0, onPick }: { on: boolean; label: string; count?: number; onPick: () => void }) {
  return (
    <button
      type="button"
      role="checkbox"
      aria-checked={on}
      onClick={onPick}
      className="flex h-8 w-full items-center gap-2 rounded-lg px-2 text-left hover:bg-hover focus-visible:-outline-offset-2"
    >
      <span className={cx("flex size-4 shrink-0 items-center justify-center rounded border", on ? "border-accent bg-accent text-on-accent" : "border-line-strong")}>
        {on && <Check className="size-3" aria-hidden />}
      </span>
      <span className="min-w-0 flex-1 truncate">{label}</span>
      {count > 0 && <span className="tabular text-xs text-muted">{short(count)}</span>}
    </button>
  );
}
