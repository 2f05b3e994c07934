import { useQuery } from "@tanstack/react-query";
import { ArrowDown, ArrowUp, Filter as FunnelIcon, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { funnel, type FunnelBody } from "@/api/product";
import { EventPicker } from "@/controls/EventPicker";
import { FilterBar } from "@/controls/FilterBar";
import { SaveReport } from "@/controls/SaveReport";
import { ViewControls } from "@/controls/ViewControls";
import { FunnelChart, FunnelSplit, type FunnelAnswer } from "@/features/funnels/FunnelChart";
import { FunnelPeople } from "@/features/funnels/FunnelPeople";
import { cx } from "@/lib/classes";
import { dimensionName } from "@/lib/names";
import { useAddress, useProjectId, useView } from "@/lib/search";
import { span } from "@/lib/view";
import { Button, IconButton } from "@/ui/Button";
import { Field, Input, Select } from "@/ui/fields";
import { Card, Page } from "@/ui/Page";
import { Empty, Failure, Skeleton } from "@/ui/states";

interface Step {
  event?: string;
  page?: string;
}

const WINDOWS = ["3600", "86400", "604800", "2592000", "none"] as const;
const ORDERS = ["ordered", "strict", "any"] as const;
const BYS = ["visitor", "session", "group"] as const;
const SPLITS = ["device", "country", "browser", "os", "referrer_name", "referrer_type", "utm_campaign", "utm_source"] as const;

function readSteps(value: unknown): Step[] {
  if (!Array.isArray(value)) return [{}, {}];
  return value.map((each: unknown) => {
    const { event, page } = (typeof each === "object" && each !== null ? each : {}) as Record<string, unknown>;
    return { ...(typeof event === "string" ? { event } : {}), ...(typeof page === "string" ? { page } : {}) };
  });
}

/** Steps that say something, as the API takes them. */
function asked(steps: Step[]): FunnelBody["steps"] {
  return steps
    .filter((step) => step.event ?? step.page)
    .map((step) => ({
      name: step.event ?? null,
      filters: step.page ? [{ name: "path", operator: "is", value: [step.page] }] : [],
    }));
}

export function Funnels() {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const view = useView();
  const [search, change] = useAddress();
  const [people, setPeople] = useState<number | null>(null);
  const steps = readSteps(search.steps);
  const window = WINDOWS.find((each) => each === search.window) ?? "86400";
  const order = ORDERS.find((each) => each === search.order) ?? "ordered";
  const by = BYS.find((each) => each === search.by) ?? "visitor";
  const question: FunnelBody = {
    ...span(view),
    filters: view.filters ?? [],
    steps: asked(steps),
    windowSeconds: window === "none" ? null : Number(window),
    order,
    by,
    ...(search.breakdown ? { breakdown: search.breakdown } : {}),
  };
  const query = useQuery(funnel(projectId, question));
  const setSteps = (next: Step[]) => { change({ steps: next }, true); };

  return (
    <Page title={t("funnels.title")} controls={<><SaveReport route="funnel" body={question} disabled={question.steps.length < 2} /><ViewControls /></>} below={<FilterBar />}>
      <div className="grid items-start gap-3 lg:grid-cols-[340px_1fr]">
        <Card title={t("funnels.steps")}>
          <StepList steps={steps} onChange={setSteps} />
          <div className="grid grid-cols-2 gap-3 border-t border-line p-3">
            <Field label={t("funnels.window")}>
              {(field) => (
                <Select {...field} value={window} onChange={(event) => { change({ window: event.target.value === "86400" ? undefined : event.target.value }, true); }}>
                  {WINDOWS.map((each) => <option key={each} value={each}>{t(`funnels.windows.${each}`)}</option>)}
                </Select>
              )}
            </Field>
            <Field label={t("funnels.by")}>
              {(field) => (
                <Select {...field} value={by} onChange={(event) => { change({ by: event.target.value === "visitor" ? undefined : event.target.value }, true); }}>
                  {BYS.map((each) => <option key={each} value={each}>{t(`funnels.bys.${each}`)}</option>)}
                </Select>
              )}
            </Field>
            <Field label={t("funnels.order")}>
              {(field) => (
                <Select {...field} value={order} onChange={(event) => { change({ order: event.target.value === "ordered" ? undefined : event.target.value }, true); }}>
                  {ORDERS.map((each) => <option key={each} value={each}>{t(`funnels.orders.${each}`)}</option>)}
                </Select>
              )}
            </Field>
            <Field label={t("funnels.breakdown")}>
              {(field) => (
                <Select {...field} value={search.breakdown ?? ""} onChange={(event) => { change({ breakdown: event.target.value || undefined }, true); }}>
                  <option value="">{t("funnels.noBreakdown")}</option>
                  {SPLITS.map((each) => <option key={each} value={each}>{dimensionName(t, each)}</option>)}
                </Select>
              )}
            </Field>
          </div>
        </Card>
        <div className="flex min-w-0 flex-col gap-3">
          {question.steps.length < 2 ? (
            <Card>
              <Empty title={t("funnels.start")} icon={<FunnelIcon className="size-4" aria-hidden />} className="min-h-80">{t("funnels.startHint")}</Empty>
            </Card>
          ) : query.isError ? (
            <Card><Failure error={query.error} onRetry={() => void query.refetch()} /></Card>
          ) : query.data ? (
            <div className={cx("flex flex-col gap-3 transition-opacity", query.isPlaceholderData && "opacity-50")}>
              <FunnelChart answer={query.data.data as FunnelAnswer} steps={steps} onPeople={setPeople} />
              {query.data.data.breakdown && <FunnelSplit answer={query.data.data as FunnelAnswer} dimension={search.breakdown ?? ""} />}
            </div>
          ) : (
            <Skeleton className="h-96 rounded-xl" />
          )}
        </div>
      </div>
      {people !== null && <FunnelPeople question={question} step={people} onClose={() => { setPeople(null); }} />}
    </Page>
  );
}

function StepList({ steps, onChange }: { steps: Step[]; onChange: (steps: Step[]) => void }) {
  const { t } = useTranslation();
  const put = (index: number, step: Step) => { onChange(steps.map((each, place) => (place === index ? step : each))); };
  function swap(index: number, other: number) {
    const next = [...steps];
    const [one, two] = [next[index], next[other]];
    if (!one || !two) return;
    next[index] = two;
    next[other] = one;
    onChange(next);
  }
  return (
    <ol className="flex flex-col gap-2 p-3">
      {steps.map((step, index) => (
        <li key={index} className="flex items-start gap-2 rounded-lg border border-line bg-sunken p-2">
          <span aria-hidden className="mt-1 flex size-6 shrink-0 items-center justify-center rounded-full bg-accent-soft text-xs font-semibold text-accent">{index + 1}</span>
          <div className="flex min-w-0 flex-1 flex-col gap-1.5">
            <EventPicker label={`${t("funnels.step", { n: index + 1 })}: ${t("funnels.event")}`} value={step.event} onChange={(event) => { put(index, { ...(event ? { event } : {}), ...(step.page ? { page: step.page } : {}) }); }} />
            {(!step.event || step.event === "screen_view") && (
              <PageField step={index + 1} value={step.page ?? ""} onChange={(page) => { put(index, { ...(step.event ? { event: step.event } : {}), ...(page ? { page } : {}) }); }} />
            )}
          </div>
          <div className="flex flex-col">
            <IconButton className="size-6!" label={t("funnels.up", { n: index + 1 })} disabled={index === 0} onClick={() => { swap(index, index - 1); }}><ArrowUp className="size-3.5" aria-hidden /></IconButton>
            <IconButton className="size-6!" label={t("funnels.down", { n: index + 1 })} disabled={index === steps.length - 1} onClick={() => { swap(index, index + 1); }}><ArrowDown className="size-3.5" aria-hidden /></IconButton>
            {steps.length > 2 && <IconButton className="size-6!" label={t("funnels.removeStep", { n: index + 1 })} onClick={() => { onChange(steps.filter((_, place) => place !== index)); }}><Trash2 className="size-3.5" aria-hidden /></IconButton>}
          </div>
        </li>
      ))}
      {steps.length < 10 && (
        <li>
          <Button look="quiet" onClick={() => { onChange([...steps, {}]); }}><Plus className="size-3.5" aria-hidden />{t("funnels.addStep")}</Button>
        </li>
      )}
    </ol>
  );
}

/** A page's path; asked for when one is done typing. */
function PageField({ step, value, onChange }: { step: number; value: string; onChange: (page: string) => void }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(value);
  return (
    <Input
      aria-label={`${t("funnels.step", { n: step })}: ${t("funnels.onPage")}`}
      placeholder={`${t("funnels.onPage")} /…`}
      value={typed}
      onChange={(event) => { setTyped(event.target.value); }}
      onBlur={() => { onChange(typed.trim()); }}
      onKeyDown={(event) => { if (event.key === "Enter") onChange(typed.trim()); }}
    />
  );
}
