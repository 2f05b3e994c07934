import type { TFunction } from "i18next";

import { country } from "@/lib/format";
import type { Filter } from "@/lib/view";

/** A dimension's name for people. */
export function dimensionName(t: TFunction, name: string): string {
  if (name.startsWith("properties.")) return name.slice("properties.".length);
  if (name.startsWith("profile.")) return `${t("profiles.person")}: ${name.slice("profile.".length)}`;
  return t(`dim.${name}` as "dim.name", { defaultValue: name });
}

/** One of a dimension's values for people. */
export function valueName(t: TFunction, dimension: string, value: string | null): string {
  if (value === null || value === "") {
    if (dimension.startsWith("referrer")) return t("overview.direct");
    return dimension.startsWith("utm") ? t("common.none") : t("common.unknown");
  }
  if (dimension === "country") return country(value);
  if (dimension === "referrer_type") return t(`types.${value}` as "types.search", { defaultValue: value });
  if (dimension === "device") return t(`deviceTypes.${value}` as "deviceTypes.desktop", { defaultValue: value });
  return value;
}

/** A filter as a sentence: what, how, which. */
export function filterWords(t: TFunction, filter: Filter): [string, string, string] {
  const values = filter.value.map((each) => valueName(t, filter.name, String(each))).join(", ");
  return [dimensionName(t, filter.name), t(`filter.operators.${filter.operator}`), values];
}
