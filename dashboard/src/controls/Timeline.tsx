import { CircleDollarSign, FileText, MousePointerClick } from "lucide-react";

import type { EventRow } from "@/api/product";
import { useNames } from "@/controls/useNames";
import { clock, day, money } from "@/lib/format";

/** What somebody did, one under the other, with a heading for each day. */
export function Timeline({ events }: { events: readonly EventRow[] }) {
  const names = useNames();
  return (
    <ol className="p-4">
      {events.map((event, index) => {
        const before = events[index - 1];
        const today = day(new Date(event.timestamp));
        const heading = before && day(new Date(before.timestamp)) === today ? null : today;
        const Icon = event.revenue ? CircleDollarSign : event.name === "screen_view" ? FileText : MousePointerClick;
        return (
          <li key={event.id}>
            {heading && <p className="pt-1 pb-2 text-xs font-medium text-muted">{heading}</p>}
            <div className="flex items-start gap-3 pb-2.5">
              <span className="mt-0.5 flex size-6 shrink-0 items-center justify-center rounded-full bg-hover text-muted">
                <Icon className="size-3.5" aria-hidden />
              </span>
              <span className="min-w-0 flex-1 pt-0.5">
                <span className="font-medium">{event.name === "screen_view" ? (event.title ?? event.path) : names.label("event", event.name)}</span>
                {event.path && <span className="ml-2 break-all text-muted">{event.path}</span>}
                {event.revenue && <span className="ml-2 font-medium text-good">{money(event.revenue.amount, event.revenue.currency)}</span>}
                {Object.keys(event.properties ?? {}).length > 0 && (
                  <span className="mt-0.5 block truncate font-mono text-2xs text-muted">
                    {Object.entries(event.properties ?? {}).map(([key, value]) => `${names.label("property", key)}: ${typeof value === "string" ? value : JSON.stringify(value)}`).join(" · ")}
                  </span>
                )}
              </span>
              <time dateTime={event.timestamp} className="tabular shrink-0 pt-0.5 text-xs text-muted">{clock(event.timestamp)}</time>
            </div>
          </li>
        );
      })}
    </ol>
  );
}
