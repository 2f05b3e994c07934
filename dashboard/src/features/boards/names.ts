import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import type { Tile } from "@/api/kept";
import { reports } from "@/api/product";
import { readMetric } from "@/lib/metrics";
import { dimensionName } from "@/lib/names";
import { useProjectId } from "@/lib/search";

export const KINDS = ["number", "chart", "list", "goals", "report"] as const;
export type Kind = (typeof KINDS)[number];

/** Dimensions that a list can be of. */
export const LISTED = ["path", "referrer_name", "referrer_type", "utm_campaign", "country", "city", "device", "browser", "os", "name"] as const;
export type ListOf = (typeof LISTED)[number];

/** What a tile shows; whoever kept it through the API may have named a metric only. */
export function kindOf(tile: Tile): Kind {
  if (tile.report) return "report";
  return KINDS.find((each) => each === tile.view["kind"]) ?? "chart";
}

export function listOf(tile: Tile): ListOf {
  return LISTED.find((each) => each === tile.view["of"]) ?? "path";
}

/** The tile's own heading, or what it shows. */
export function useTileName(tile: Tile): string {
  const { t } = useTranslation();
  const kind = kindOf(tile);
  const all = useQuery({ ...reports(useProjectId()), enabled: kind === "report" }).data?.data;
  if (tile.title) return tile.title;
  if (kind === "report") return all?.find((each) => each.id === tile.report)?.name ?? t("boards.report");
  if (kind === "list") return dimensionName(t, listOf(tile));
  if (kind === "goals") return t("goals.title");
  return t(`metric.${readMetric(tile.view["metric"])}`);
}
