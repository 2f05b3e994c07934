import { decimal, duration, percent, short } from "@/lib/format";

export const METRICS = [
  "unique_visitors", "total_sessions", "total_screen_views", "views_per_session", "avg_session_duration", "bounce_rate",
] as const;
export type Metric = (typeof METRICS)[number];

export function readMetric(value: unknown): Metric {
  return METRICS.find((each) => each === value) ?? "unique_visitors";
}

export function shown(metric: Metric, value: number): string {
  if (metric === "bounce_rate") return percent(value, 1);
  if (metric === "avg_session_duration") return duration(value);
  if (metric === "views_per_session") return decimal(value, value < 10 ? 2 : 1);
  return short(value);
}

/** On an axis there is less room. */
export function ticked(metric: Metric, value: number): string {
  if (metric === "bounce_rate") return percent(value);
  if (metric === "avg_session_duration") return duration(value);
  return short(value);
}

interface Bucket {
  total_sessions?: number;
  total_screen_views?: number;
  unique_visitors?: number;
  avg_session_duration?: number;
  bounce_rate?: number;
}

/** A bucket's number; views per session is what its two parts say. */
export function valueOf(metric: Metric, row: Bucket | null | undefined): number {
  if (!row) return 0;
  if (metric === "views_per_session") return row.total_sessions ? (row.total_screen_views ?? 0) / row.total_sessions : 0;
  return row[metric] ?? 0;
}
