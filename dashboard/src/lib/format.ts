/** Numbers, times and places in the reader's language. */

import i18n from "i18next";

const cached = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat | Intl.DisplayNames | Intl.RelativeTimeFormat>();

function once<T extends Intl.NumberFormat | Intl.DateTimeFormat | Intl.DisplayNames | Intl.RelativeTimeFormat>(
  key: string,
  make: (locale: string) => T,
): T {
  const locale = i18n.language || "en";
  const full = `${locale} ${key}`;
  let found = cached.get(full) as T | undefined;
  if (!found) cached.set(full, (found = make(locale)));
  return found;
}

function numbers(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  return once(`n${JSON.stringify(options)}`, (locale) => new Intl.NumberFormat(locale, options));
}

function dates(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return once(`d${JSON.stringify(options)}`, (locale) => new Intl.DateTimeFormat(locale, options));
}

export function whole(value: number): string {
  return numbers({ maximumFractionDigits: 0 }).format(value);
}

/** 1,234 stays, 12,345 is 12.3K. */
export function short(value: number): string {
  if (Math.abs(value) < 10_000) return numbers({ maximumFractionDigits: Number.isInteger(value) ? 0 : 1 }).format(value);
  return numbers({ notation: "compact", maximumFractionDigits: 1 }).format(value);
}

export function decimal(value: number, digits = 1): string {
  return numbers({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

/** Bytes in the largest unit of which there is one. */
export function bytes(value: number): string {
  const step = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(value, 1)) / 3)));
  const unit = UNITS[step] ?? "byte";
  return numbers({ style: "unit", unit, unitDisplay: "short", maximumFractionDigits: step > 1 ? 1 : 0 }).format(value / 1000 ** step);
}

/** `value` is 0 to 100. */
export function percent(value: number, digits = 0): string {
  return numbers({ style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value / 100);
}

/** `value` is a ratio: 0.25 is +25 %. */
export function change(value: number): string {
  if (Math.abs(value) >= 10) return `${value > 0 ? "+" : ""}${numbers({ maximumFractionDigits: 0 }).format(value)}×`;
  return numbers({ style: "percent", maximumFractionDigits: 0, signDisplay: "exceptZero" }).format(value);
}

/** Seconds as 1m 27s. */
export function duration(seconds: number): string {
  const all = Math.round(seconds);
  if (all < 60) return `${all}s`;
  if (all < 3600) return `${Math.floor(all / 60)}m ${String(all % 60).padStart(2, "0")}s`;
  if (all < 86_400) return `${Math.floor(all / 3600)}h ${String(Math.floor((all % 3600) / 60)).padStart(2, "0")}m`;
  return `${Math.floor(all / 86_400)}d ${Math.floor((all % 86_400) / 3600)}h`;
}

/** `amount` in the currency's smallest units. */
export function money(amount: number, code: string | null, digits = 2): string {
  const currency = code ?? "";
  const value = amount / 10 ** digits;
  const shown = Math.abs(value) >= 1000 && Number.isInteger(Math.round(value)) ? 0 : digits;
  try {
    return numbers({ style: "currency", currency, minimumFractionDigits: shown, maximumFractionDigits: shown }).format(value);
  } catch {
    return `${decimal(value, digits)} ${currency}`;
  }
}

export function country(code: string): string {
  try {
    return once("region", (locale) => new Intl.DisplayNames(locale, { type: "region" })).of(code) ?? code;
  } catch {
    return code;
  }
}

/** A bucket's date for people. Dates without a time are days of the project; instants carry their own offset. */
export function bucket(date: string, interval: string, long = false): string {
  if (date.length > 10) {
    const wall = new Date(`${date.slice(0, 19)}Z`);
    const time = dates({ hour: "2-digit", minute: "2-digit", timeZone: "UTC" }).format(wall);
    return long ? `${dates({ weekday: "short", day: "numeric", month: "short", timeZone: "UTC" }).format(wall)}, ${time}` : time;
  }
  const day = new Date(`${date}T00:00:00Z`);
  if (interval === "month") return dates({ month: long ? "long" : "short", year: "numeric", timeZone: "UTC" }).format(day);
  if (long) return dates({ weekday: "short", day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).format(day);
  return dates({ day: "numeric", month: "short", timeZone: "UTC" }).format(day);
}

export function day(date: Date): string {
  return dates({ day: "numeric", month: "short", year: "numeric" }).format(date);
}

export function dateTime(iso: string): string {
  return dates({ day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(new Date(iso));
}

export function clock(iso: string): string {
  return dates({ hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(new Date(iso));
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000], ["month", 2_592_000], ["day", 86_400], ["hour", 3600], ["minute", 60], ["second", 1],
];

/** How long ago, in words. */
export function ago(iso: string, now = Date.now()): string {
  const seconds = (new Date(iso).getTime() - now) / 1000;
  const [unit, size] = STEPS.find(([, each]) => Math.abs(seconds) >= each) ?? ["second", 1];
  const words = once("relative", (locale) => new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" }));
  return words.format(Math.round(seconds / size), unit);
}

const BUCKET_MS: Record<string, number> = { minute: 6e4, hour: 36e5, day: 864e5, week: 6048e5, month: 27e8 };

/** How many buckets of a span that ends at `to` are not over yet. */
export function openBuckets(to: string | undefined, interval: string): number {
  const left = to ? new Date(to).getTime() - Date.now() : 0;
  return left > 0 ? Math.ceil(left / (BUCKET_MS[interval] ?? 864e5)) : 0;
}
