import type { TFunction } from "i18next";

import { country } from "@/lib/format";
import type { Filter } from "@/lib/view";

type Kind = "event" | "property" | "profile";

/** How a project shows its events and properties; all that is asked and answered has the names that were sent. */
export interface Names {
  label: (kind: Kind, name: string) => string;
  hidden: (kind: Kind, name: string) => boolean;
  /** What was sent, by that or by what is shown. */
  sent: (kind: Kind, typed: string) => string;
  hiddenEvents: number;
}

/** Whether a list has it, searched for something in small letters or not: what is hidden by its whole name alone. */
export function listed(names: Names, kind: Kind, name: string, wanted = ""): boolean {
  const both = [name.toLowerCase(), names.label(kind, name).toLowerCase()];
  return names.hidden(kind, name) ? both.includes(wanted) : both.some((each) => each.includes(wanted));
}

/** A property as filters call it: of events, or of people. */
export function propertyOf(name: string): [Kind, string] | null {
  if (name.startsWith("properties.")) return ["property", name.slice("properties.".length)];
  return name.startsWith("profile.") ? ["profile", name.slice("profile.".length)] : null;
}

/** A dimension's name for people. */
export function dimensionName(t: TFunction, name: string, names?: Names): string {
  const property = propertyOf(name);
  if (property) {
    const shown = names?.label(...property) ?? property[1];
    return property[0] === "profile" ? `${t("profiles.person")}: ${shown}` : shown;
  }
  return t(`dim.${name}` as "dim.name", { defaultValue: name });
}

/** One of a dimension's values for people. */
export function valueName(t: TFunction, dimension: string, value: string | null, names?: Names): string {
  if (value === null || value === "") {
    if (dimension.startsWith("referrer")) return t("overview.direct");
    return dimension.startsWith("utm") ? t("common.none") : t("common.unknown");
  }
  if (dimension === "country") return country(value);
  if (dimension === "name") return names?.label("event", value) ?? value;
  if (dimension === "referrer_type") return t(`types.${value}` as "types.search", { defaultValue: value });
  if (dimension === "device") return t(`deviceTypes.${value}` as "deviceTypes.desktop", { defaultValue: value });
  return value;
}

/** A filter as a sentence: what, how, which. */
export function filterWords(t: TFunction, filter: Filter, names?: Names): [string, string, string] {
  const values = filter.value.map((each) => valueName(t, filter.name, String(each), names)).join(", ");
  return [dimensionName(t, filter.name, names), t(`filter.operators.${filter.operator}`), values];
}
