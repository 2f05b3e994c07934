/** What is looked at: span, comparison, filters. All of it lives in the URL, so that a link shows the same. */

export const RANGES = [
  "30min", "lastHour", "today", "yesterday", "last24h", "7d", "30d", "3m", "6m", "12m",
  "monthToDate", "lastMonth", "yearToDate", "lastYear", "all",
] as const;
export type Range = (typeof RANGES)[number];

export const INTERVALS = ["minute", "hour", "day", "week", "month"] as const;
export type Interval = (typeof INTERVALS)[number];

export const COMPARISONS = ["previous", "year", "none"] as const;
export type Comparison = (typeof COMPARISONS)[number];

export const OPERATORS = [
  "is", "isNot", "contains", "doesNotContain", "startsWith", "endsWith", "regex", "isNull", "isNotNull",
  "gt", "gte", "lt", "lte",
] as const;
export type Operator = (typeof OPERATORS)[number];

export interface Filter {
  name: string;
  operator: Operator;
  value: (string | number | boolean)[];
}

export interface View {
  range?: Range;
  from?: string;
  to?: string;
  compare?: Comparison;
  interval?: Interval;
  filters?: Filter[];
}

export const DEFAULT_RANGE: Range = "30d";

const DATE = /^\d{4}-\d{2}-\d{2}$/;

function member<T extends string>(list: readonly T[], value: unknown): T | undefined {
  return list.find((each) => each === value);
}

function isFilter(value: unknown): value is Filter {
  const each = value as Partial<Filter> | null;
  return (
    typeof each === "object" &&
    each !== null &&
    typeof each.name === "string" &&
    member(OPERATORS, each.operator) !== undefined &&
    Array.isArray(each.value)
  );
}

/** Whatever an address holds becomes a view; what makes no sense is left out. */
export function readView(search: Record<string, unknown>): View {
  const view: View = {};
  const { from, to } = search;
  if (typeof from === "string" && typeof to === "string" && DATE.test(from) && DATE.test(to) && from <= to) {
    view.from = from;
    view.to = to;
  } else {
    const range = member(RANGES, search["range"]);
    if (range && range !== DEFAULT_RANGE) view.range = range;
  }
  const compare = member(COMPARISONS, search["compare"]);
  if (compare && compare !== "previous") view.compare = compare;
  const interval = member(INTERVALS, search["interval"]);
  if (interval) view.interval = interval;
  if (Array.isArray(search["filters"])) {
    const filters = search["filters"].filter(isFilter);
    if (filters.length > 0) view.filters = filters;
  }
  return view;
}

/** The part of a question that names the span. */
export function span(view: View): { range?: Range; startDate?: string; endDate?: string } {
  if (view.from && view.to) return { startDate: view.from, endDate: view.to };
  return { range: view.range ?? DEFAULT_RANGE };
}

/** The common parameters of a question. */
export function question(view: View): { range?: Range; startDate?: string; endDate?: string; filters?: string } {
  return { ...span(view), ...(view.filters?.length ? { filters: JSON.stringify(view.filters) } : {}) };
}

/** The same with the comparison, for questions that take one. */
export function compared(view: View): ReturnType<typeof question> & { compare?: string } {
  const compare = view.compare ?? "previous";
  // Nothing lies before everything.
  if (compare === "none" || view.range === "all") return question(view);
  return { ...question(view), compare };
}

export function sameFilter(one: Filter, other: Filter): boolean {
  return one.name === other.name && one.operator === other.operator && `${one.value}` === `${other.value}`;
}

/** A click on a row: that value and no other of its dimension; a second click takes it back. */
export function toggled(filters: Filter[] | undefined, name: string, value: string | null): Filter[] | undefined {
  const added: Filter =
    value === null ? { name, operator: "isNull", value: [] } : { name, operator: "is", value: [value] };
  const all = filters ?? [];
  const rest = all.some((each) => sameFilter(each, added))
    ? all.filter((each) => !sameFilter(each, added))
    : [...all.filter((each) => each.name !== name || each.operator !== added.operator), added];
  return rest.length > 0 ? rest : undefined;
}
