import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { retention, retentionPeople, type RetentionAsked } from "@/api/product";
import { Downloads } from "@/controls/Downloads";
import { EventPicker } from "@/controls/EventPicker";
import { FilterBar } from "@/controls/FilterBar";
import { Person } from "@/controls/Person";
import { SaveReport } from "@/controls/SaveReport";
import { ViewControls } from "@/controls/ViewControls";
import { cx } from "@/lib/classes";
import { bucket, percent, whole } from "@/lib/format";
import { useAddress, useProjectId, useView } from "@/lib/search";
import { question } from "@/lib/view";
import { Dialog } from "@/ui/Dialog";
import { Field, Select } from "@/ui/fields";
import { Card, Page } from "@/ui/Page";
import { Empty, Failure, Skeleton } from "@/ui/states";

const PERIODS = ["day", "week", "month"] as const;
const MODES = ["on", "on_or_after"] as const;
const COHORTS = ["first", "first_ever", "recurring"] as const;

export function Retention() {
  const { t } = useTranslation();
  const view = useView();
  const [search, change] = useAddress();
  const asked: RetentionAsked = {
    period: PERIODS.find((each) => each === search.period) ?? "week",
    mode: MODES.find((each) => each === search.mode) ?? "on",
    cohort: COHORTS.find((each) => each === search.cohort) ?? "first",
    ...(search.start ? { startEvent: search.start } : {}),
    ...(search.end ? { returnEvent: search.end } : {}),
  };
  const query = useQuery(retention(useProjectId(), view, asked));
  const [cell, setCell] = useState<{ date: string; index: number } | null>(null);
  return (
    <Page title={t("retention.title")} controls={<><SaveReport route="retention" parameters={{ ...question(view), ...asked }} /><ViewControls /></>} below={<FilterBar />}>
      <Card>
        <div className="grid grid-cols-2 gap-3 border-b border-line p-3 md:grid-cols-5">
          <Field label={t("retention.period")}>
            {(field) => (
              <Select {...field} value={asked.period} onChange={(event) => { change({ period: event.target.value === "week" ? undefined : event.target.value }); }}>
                {PERIODS.map((each) => <option key={each} value={each}>{t(`retention.periods.${each}`)}</option>)}
              </Select>
            )}
          </Field>
          <Field label={t("retention.start")}>
            {({ id }) => <EventPicker id={id} label={t("retention.start")} any={t("retention.any")} value={search.start} onChange={(start) => { change({ start }); }} />}
          </Field>
          <Field label={t("retention.return")}>
            {({ id }) => <EventPicker id={id} label={t("retention.return")} any={t("retention.any")} value={search.end} onChange={(end) => { change({ end }); }} />}
          </Field>
          <Field label={t("retention.cohort")}>
            {(field) => (
              <Select {...field} value={asked.cohort} onChange={(event) => { change({ cohort: event.target.value === "first" ? undefined : event.target.value }); }}>
                {COHORTS.map((each) => <option key={each} value={each}>{t(`retention.cohorts.${each}`)}</option>)}
              </Select>
            )}
          </Field>
          <Field label={t("retention.mode")}>
            {(field) => (
              <Select {...field} value={asked.mode} onChange={(event) => { change({ mode: event.target.value === "on" ? undefined : event.target.value }); }}>
                {MODES.map((each) => <option key={each} value={each}>{t(`retention.modes.${each}`)}</option>)}
              </Select>
            )}
          </Field>
        </div>
        {query.isError ? (
          <Failure error={query.error} onRetry={() => void query.refetch()} />
        ) : query.data ? (
          query.data.data.cohorts.some((each) => each.size > 0) ? (
            <Heat answer={query.data.data} period={asked.period} dim={query.isPlaceholderData} onCell={(date, index) => { setCell({ date, index }); }} />
          ) : (
            <Empty title={t("common.noData")} className="min-h-64">{t("common.noDataHint")}</Empty>
          )
        ) : (
          <Skeleton className="m-3 h-72" />
        )}
      </Card>
      {cell && <People asked={asked} date={cell.date} index={cell.index} onClose={() => { setCell(null); }} />}
    </Page>
  );
}

/** How much of the accent a share gets; the middle is left out, where no text could be read on it. */
function strength(rate: number): number {
  return Math.round(rate > 50 ? 88 + (rate - 50) * 0.24 : 6 + Math.sqrt(rate / 100) * 62);
}

interface HeatProps {
  answer: { cohorts: { date: string; size: number; values: number[]; complete: boolean[] }[]; average: (number | null)[] };
  period: string;
  dim: boolean;
  onCell: (date: string, index: number) => void;
}

/** Share that came back, by cohort and period: the stronger the colour, the more. */
function Heat({ answer, period, dim, onCell }: HeatProps) {
  const { t } = useTranslation();
  const columns = Math.max(1, ...answer.cohorts.map((each) => each.values.length));
  return (
    <div data-picture className={cx("overflow-x-auto p-3 transition-opacity", dim && "opacity-50")}>
      <div className="float-right">
        <Downloads name={t("retention.heat")} sheet={() => [[t("retention.who"), t("retention.size"), ...Array.from({ length: columns }, (_, index) => index)].map(String) as [string, ...string[]], answer.cohorts.map((row) => [row.date, row.size, ...row.values])]} />
      </div>
      <table className="border-separate border-spacing-0.5" aria-label={t("retention.heat")}>
        <thead>
          <tr className="text-xs text-muted">
            <th scope="col" className="sticky left-0 bg-surface pr-3 pb-1 text-left font-medium">{t("retention.who")}</th>
            <th scope="col" className="pr-3 pb-1 text-right font-medium">{t("retention.size")}</th>
            {Array.from({ length: columns }, (_, index) => <th key={index} scope="col" className="min-w-14 pb-1 text-center font-medium">{index}</th>)}
          </tr>
        </thead>
        <tbody className="tabular">
          <tr className="font-medium">
            <th scope="row" className="sticky left-0 bg-surface pr-3 text-left whitespace-nowrap">{t("retention.average")}</th>
            <td />
            {answer.average.map((value, index) => (
              <td key={index} className="h-8 text-center">{value === null ? "" : percent(value, value < 10 ? 1 : 0)}</td>
            ))}
          </tr>
          {answer.cohorts.map((row) => (
            <tr key={row.date}>
              <th scope="row" className="sticky left-0 bg-surface pr-3 text-left font-normal whitespace-nowrap">{bucket(row.date, period)}</th>
              <td className="pr-3 text-right text-muted">{whole(row.size)}</td>
              {row.values.map((value, index) => {
                const rate = row.size > 0 ? (value / row.size) * 100 : 0;
                const words = t("retention.cell", { date: bucket(row.date, period), n: whole(value), size: whole(row.size), rate: percent(rate, rate > 0 && rate < 10 ? 1 : 0), index });
                return (
                  <td key={index} className="p-0">
                    <button
                      type="button"
                      disabled={value === 0}
                      title={row.complete[index] ? words : `${words}. ${t("retention.unfinished")}`}
                      onClick={() => { onCell(row.date, index); }}
                      className={cx("relative h-8 w-full min-w-14 rounded-md px-1 text-xs disabled:cursor-default", !row.complete[index] && "italic", rate > 50 ? "text-on-accent" : "text-ink")}
                      style={{ background: value === 0 ? "var(--hover)" : `color-mix(in oklch, var(--accent) ${strength(rate)}%, var(--surface))` }}
                    >
                      {percent(rate, rate > 0 && rate < 10 ? 1 : 0)}
                      <span className="sr-only"> {words}</span>
                    </button>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function People({ asked, date, index, onClose }: { asked: RetentionAsked; date: string; index: number; onClose: () => void }) {
  const { t } = useTranslation();
  const query = useQuery(retentionPeople(useProjectId(), useView(), asked, date, index));
  return (
    <Dialog side title={t("retention.people", { date: bucket(date, asked.period), index })} onClose={onClose}>
      {query.isError && <Failure error={query.error} />}
      {query.isPending && <Skeleton className="h-64" />}
      <ul className="flex flex-col">
        {query.data?.data.map((row) => (
          <li key={row.visitorId} className="flex h-9 items-center">
            <Person id={row.profileId ?? row.visitorId} identified={row.profileId !== null} />
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
