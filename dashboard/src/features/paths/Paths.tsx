import { useQuery } from "@tanstack/react-query";
import { Waypoints } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { paths, type PathsAsked } from "@/api/product";
import { propertyValues } from "@/api/queries";
import { layout, type FlowLink, type FlowNode } from "@/charts/sankey";
import { Downloads } from "@/controls/Downloads";
import { EventPicker } from "@/controls/EventPicker";
import { FilterBar } from "@/controls/FilterBar";
import { SaveReport } from "@/controls/SaveReport";
import { useNames } from "@/controls/useNames";
import { ViewControls } from "@/controls/ViewControls";
import { cx } from "@/lib/classes";
import { whole } from "@/lib/format";
import { useAddress, useProjectId, useView } from "@/lib/search";
import { useWidth } from "@/lib/useSize";
import { question } from "@/lib/view";
import { Field, Select } from "@/ui/fields";
import { Card, Page } from "@/ui/Page";
import { Segmented } from "@/ui/Segmented";
import { Empty, Failure, Skeleton } from "@/ui/states";

const HEIGHT = 520;
const BAR = 10;
const STEP_WIDTH = 190;

export function Paths() {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const view = useView();
  const [search, change] = useAddress();
  const asked: PathsAsked = {
    mode: search.mode === "events" ? "events" : "pages",
    depth: Math.min(10, Math.max(3, Number(search.depth) || 5)),
    limit: 8,
    ...(search.start ? { start: search.start } : {}),
    ...(search.end ? { end: search.end } : {}),
  };
  const query = useQuery(paths(projectId, view, asked));
  const names = useNames();
  const called = (name: string) => (asked.mode === "events" ? names.label("event", name) : name);
  const known = useQuery({ ...propertyValues(projectId, view, "path", ""), enabled: asked.mode === "pages" });
  const values = (known.data?.data ?? []).map((row) => String(row.value));
  const data = query.data?.data;
  return (
    <Page
      title={t("paths.title")}
      controls={<><SaveReport route="paths" parameters={{ ...question(view), ...asked }} /><ViewControls /></>}
      below={<FilterBar />}
      aside={
        <Segmented
          label={t("paths.mode")}
          value={asked.mode}
          options={[{ value: "pages", label: t("paths.modes.pages") }, { value: "events", label: t("paths.modes.events") }]}
          onChange={(mode) => { change({ mode: mode === "pages" ? undefined : mode, start: undefined, end: undefined }); }}
        />
      }
    >
      <Card>
        <div className="grid grid-cols-2 gap-3 border-b border-line p-3 sm:grid-cols-4">
          {(["start", "end"] as const).map((which) => (
            <Field key={which} label={t(`paths.${which}`)}>
              {(field) => asked.mode === "events" ? (
                <EventPicker {...field} label={t(`paths.${which}`)} any={t("paths.anywhere")} value={search[which]} onChange={(name) => { change({ [which]: name }); }} />
              ) : (
                <Select {...field} value={search[which] ?? ""} onChange={(event) => { change({ [which]: event.target.value || undefined }); }}>
                  <option value="">{t("paths.anywhere")}</option>
                  {[...new Set([...values, ...(search[which] ? [search[which]] : [])])].map((each) => <option key={each} value={each}>{each}</option>)}
                </Select>
              )}
            </Field>
          ))}
          <Field label={t("paths.depth")}>
            {(field) => (
              <Select {...field} value={asked.depth} onChange={(event) => { change({ depth: Number(event.target.value) }); }}>
                {[3, 4, 5, 6, 7, 8, 10].map((each) => <option key={each}>{each}</option>)}
              </Select>
            )}
          </Field>
          <p className="self-end pb-1.5 text-muted">{data ? t("paths.sessions", { n: whole(data.sessions) }) : ""}</p>
        </div>
        {query.isError ? (
          <Failure error={query.error} onRetry={() => void query.refetch()} />
        ) : !data ? (
          <Skeleton className="m-4 h-[520px]" />
        ) : data.nodes.length === 0 ? (
          <Empty title={t("common.noData")} icon={<Waypoints className="size-4" aria-hidden />} className="min-h-64">{t("common.noDataHint")}</Empty>
        ) : (
          <div data-picture className={cx("relative transition-opacity", query.isPlaceholderData && "opacity-50")}>
            <div className="absolute top-1 right-2 z-10">
              <Downloads name={t("paths.diagram")} sheet={() => [["source", "target", "sessions"], data.links.map((link) => [link.source, link.target, link.value])]} />
            </div>
            <Sankey nodes={data.nodes.map((node) => ({ ...node, name: node.name ?? t("common.unknown") }))} links={data.links} called={called} onStart={(name) => { change({ start: name }); }} />
          </div>
        )}
      </Card>
    </Page>
  );
}

interface SankeyProps {
  nodes: readonly FlowNode[];
  links: readonly FlowLink[];
  called: (name: string) => string;
  onStart: (name: string) => void;
}

function Sankey({ nodes, links, called, onStart }: SankeyProps) {
  const { t } = useTranslation();
  const [box, wide] = useWidth<HTMLDivElement>();
  const [at, setAt] = useState<string | null>(null);
  const steps = new Set(nodes.map((node) => node.step)).size;
  const width = Math.max(wide - 32, steps * STEP_WIDTH);
  const inner = width - STEP_WIDTH + BAR;
  const { boxes, bands } = layout(nodes, links, inner, HEIGHT, BAR);
  const touches = (link: FlowLink) => at === null || link.source === at || link.target === at;
  return (
    <div ref={box} className="overflow-x-auto p-4">
      {wide > 0 && (
        <div className="relative" style={{ width, height: HEIGHT }} role="group" aria-label={t("paths.diagram")}>
          <svg width={width} height={HEIGHT} className="absolute inset-0" aria-hidden>
            {bands.map((band) => (
              <path key={`${band.source}>${band.target}`} d={band.path} fill="none" stroke="var(--accent)" strokeOpacity={touches(band) ? (at === null ? 0.16 : 0.38) : 0.05} strokeWidth={band.width} className="transition-[stroke-opacity]" />
            ))}
          </svg>
          {boxes.map((each) => {
            const other = each.name === "(other)";
            const gone = each.value > 0 ? (each.dropped / each.value) * each.height : 0;
            return (
              <button
                key={each.id}
                type="button"
                disabled={other}
                title={t("paths.explain", { n: whole(each.value), left: whole(each.dropped) })}
                aria-label={`${t("paths.step", { n: each.step })}: ${called(each.name)}. ${t("paths.explain", { n: whole(each.value), left: whole(each.dropped) })}`}
                onPointerEnter={() => { setAt(each.id); }}
                onPointerLeave={() => { setAt(null); }}
                onFocus={() => { setAt(each.id); }}
                onBlur={() => { setAt(null); }}
                onClick={() => { onStart(each.name); }}
                className="absolute flex items-start text-left disabled:cursor-default"
                style={{ left: each.x, top: each.y, height: each.height, width: STEP_WIDTH - 24 }}
              >
                <span className="relative h-full shrink-0 overflow-hidden rounded-[3px]" style={{ width: BAR, background: other ? "var(--faint)" : "var(--accent)" }}>
                  <span className="absolute inset-x-0 bottom-0 bg-bad" style={{ height: gone, opacity: 0.75 }} />
                </span>
                <span className={cx("ml-2 min-w-0 truncate rounded bg-surface/80 px-1 text-xs leading-4", other && "text-muted")} style={{ marginTop: Math.max(-6, Math.min(each.height / 2 - 8, 2)) }}>
                  <span className="font-medium">{other ? t("common.other") : called(each.name)}</span> <span className="tabular text-muted">{whole(each.value)}</span>
                </span>
              </button>
            );
          })}
        </div>
      )}
    </div>
  );
}
