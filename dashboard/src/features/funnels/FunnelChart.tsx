import { Users } from "lucide-react";
import { useTranslation } from "react-i18next";

import { Downloads } from "@/controls/Downloads";
import { useNames } from "@/controls/useNames";
import { cx } from "@/lib/classes";
import { duration, percent, whole } from "@/lib/format";
import { dimensionName, valueName } from "@/lib/names";
import { Card } from "@/ui/Page";
import { Table } from "@/ui/Table";

interface StepAnswer {
  name: string | null;
  count: number;
  conversion_rate: number;
  step_conversion_rate: number;
  dropped: number;
  median_seconds_from_previous: number | null;
}

interface Outcome {
  steps: StepAnswer[];
  overall_conversion_rate: number;
  time_to_convert: { median_seconds: number | null; histogram: { from: number; to: number | null; count: number }[] };
}

export interface FunnelAnswer extends Outcome {
  breakdown?: (Outcome & { value: string | null; other?: boolean })[];
}

interface Props {
  answer: FunnelAnswer;
  steps: readonly { event?: string; page?: string }[];
  onPeople: (step: number) => void;
}

/** How many got to each step, as bars, and what was lost between. */
export function FunnelChart({ answer, steps, onPeople }: Props) {
  const { t } = useTranslation();
  const names = useNames();
  const named = steps.filter((step) => step.event ?? step.page);
  const first = answer.steps[0]?.count ?? 0;
  const last = answer.steps.at(-1)?.count ?? 0;
  return (
    <Card>
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1 border-b border-line px-4 py-3">
        <p className="text-xs text-muted">{t("funnels.overall")}</p>
        <p data-testid="conversion" className="tabular text-2xl font-semibold tracking-[-0.02em]">{percent(answer.overall_conversion_rate, 1)}</p>
        <p className="text-muted">{t("funnels.converted", { n: whole(last), of: whole(first) })}</p>
        {answer.time_to_convert.median_seconds !== null && (
          <p className="text-muted">{t("funnels.medianAll", { time: duration(answer.time_to_convert.median_seconds) })}</p>
        )}
        <span className="ml-auto self-center">
          <Downloads name={t("funnels.title")} sheet={() => [["step", "count", "conversion_rate", "step_conversion_rate", "dropped", "median_seconds_from_previous"], answer.steps.map((step, index) => [named[index]?.page ?? step.name ?? t("funnels.anyEvent"), step.count, step.conversion_rate, step.step_conversion_rate, step.dropped, step.median_seconds_from_previous])]} />
        </span>
      </div>
      <ol className="flex flex-col gap-1 p-4">
        {answer.steps.map((step, index) => (
          <li key={index} className="grid gap-x-4 gap-y-1 sm:grid-cols-[minmax(120px,26%)_1fr_auto] sm:items-center">
            <div className="min-w-0">
              <p className="truncate font-medium">
                <span className="mr-1.5 text-muted">{index + 1}</span>
                {named[index]?.page ?? (step.name ? names.label("event", step.name) : t("funnels.anyEvent"))}
              </p>
              {step.median_seconds_from_previous !== null && (
                <p className="truncate text-xs text-muted">{t("funnels.median", { time: duration(step.median_seconds_from_previous) })}</p>
              )}
            </div>
            <div className="relative h-12 overflow-hidden rounded-lg bg-hover">
              <div className="absolute inset-y-0 left-0 rounded-lg bg-accent transition-[width] duration-500" style={{ width: `${step.conversion_rate}%` }} />
              {index > 0 && (
                <div aria-hidden className="absolute inset-y-0 left-0 rounded-lg border-r border-dashed border-faint opacity-60" style={{ width: `${answer.steps[index - 1]?.conversion_rate ?? 0}%` }} />
              )}
            </div>
            <div className="flex items-center gap-3 sm:w-44 sm:justify-end">
              <div className="sm:text-right">
                <p className="tabular font-semibold">{whole(step.count)} <span className="font-normal text-muted">{percent(step.conversion_rate, 1)}</span></p>
                <p className={cx("tabular text-xs", step.dropped > 0 ? "text-bad" : "text-muted")}>{index > 0 ? `−${whole(step.dropped)} · ${percent(step.step_conversion_rate, 1)}` : "\u00a0"}</p>
              </div>
              <button type="button" aria-label={`${t("funnels.people")} ${t("funnels.step", { n: index + 1 })}`} title={t("funnels.people")} onClick={() => { onPeople(index + 1); }} className="flex size-8 items-center justify-center rounded-lg text-muted hover:bg-hover hover:text-ink">
                <Users className="size-4" aria-hidden />
              </button>
            </div>
          </li>
        ))}
      </ol>
      <Times histogram={answer.time_to_convert.histogram} />
    </Card>
  );
}

function Times({ histogram }: { histogram: Outcome["time_to_convert"]["histogram"] }) {
  const { t } = useTranslation();
  const used = histogram.slice(0, histogram.findLastIndex((each) => each.count > 0) + 1);
  const max = Math.max(1, ...used.map((each) => each.count));
  if (used.length < 2) return null;
  return (
    <div className="border-t border-line p-4">
      <h3 className="mb-2 text-xs text-muted">{t("funnels.time")}</h3>
      <ul className="flex h-24 items-end gap-1">
        {used.map((each) => (
          <li key={each.from} title={`${duration(each.from)}${each.to === null ? "+" : ` – ${duration(each.to)}`}: ${whole(each.count)}`} className="flex h-full min-w-0 flex-1 flex-col justify-end gap-1">
            <div className="rounded-t bg-accent-bar" style={{ height: `${(each.count / max) * 100}%`, minHeight: each.count > 0 ? 2 : 0 }} />
            <span className="tabular truncate text-center text-2xs text-muted">{duration(each.from)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

export function FunnelSplit({ answer, dimension }: { answer: FunnelAnswer; dimension: string }) {
  const { t } = useTranslation();
  return (
    <Card
      title={dimensionName(t, dimension)}
      controls={<Downloads name={dimensionName(t, dimension)} picture={false} sheet={() => [[dimensionName(t, dimension), ...answer.steps.map((_, index) => t("funnels.step", { n: index + 1 })), t("funnels.overall")], (answer.breakdown ?? []).map((row) => [row.other ? t("common.other") : row.value, ...row.steps.map((step) => step.count), row.overall_conversion_rate])]} />}
    >
      <Table
        label={dimensionName(t, dimension)}
        rows={answer.breakdown}
        id={(row) => `${row.value ?? ""}${row.other ? "other" : ""}`}
        columns={[
          { key: "value", name: t("funnels.value"), className: "w-full", cell: (row) => (row.other ? t("common.other") : valueName(t, dimension, row.value)) },
          ...answer.steps.map((_, index) => ({ key: `s${index}`, name: t("funnels.step", { n: index + 1 }), right: true, cell: (row: Outcome) => whole(row.steps[index]?.count ?? 0) })),
          { key: "rate", name: t("funnels.overall"), right: true, cell: (row) => <span className="font-semibold">{percent(row.overall_conversion_rate, 1)}</span> },
        ]}
      />
    </Card>
  );
}
