import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Tile } from "@/api/kept";
import { reports } from "@/api/product";
import { KINDS, LISTED, type Kind } from "@/features/boards/names";
import { METRICS } from "@/lib/metrics";
import { dimensionName } from "@/lib/names";
import { useProjectId } from "@/lib/search";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field, Input, Select } from "@/ui/fields";
import { Segmented } from "@/ui/Segmented";

const SIZES: Record<Kind, [number, number]> = { number: [3, 2], chart: [6, 5], list: [4, 5], goals: [4, 5], report: [6, 5] };

/** Chooses what a new tile shows. */
export function AddTile({ onAdd, onClose }: { onAdd: (tile: Omit<Tile, "x" | "y">) => void; onClose: () => void }) {
  const { t } = useTranslation();
  const kept = useQuery(reports(useProjectId())).data?.data ?? [];
  const [kind, setKind] = useState<Kind>("chart");
  const [metric, setMetric] = useState<string>(METRICS[0]);
  const [of, setOf] = useState<string>(LISTED[0]);
  const [report, setReport] = useState("");
  const [title, setTitle] = useState("");
  const kinds = KINDS.filter((each) => each !== "report" || kept.length > 0);
  const chosen = report || (kept[0]?.id ?? "");
  return (
    <Dialog title={t("boards.addTile")} onClose={onClose}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          const [width, height] = SIZES[kind];
          const view = kind === "list" ? { kind, of } : kind === "goals" ? { kind } : kind === "report" ? {} : { kind, metric };
          onAdd({ width, height, title: title.trim(), report: kind === "report" ? chosen : "", view });
        }}
      >
        <Segmented label={t("boards.kind")} value={kind} options={kinds.map((value) => ({ value, label: t(`boards.kinds.${value}`) }))} onChange={setKind} />
        {(kind === "number" || kind === "chart") && (
          <Field label={t("boards.metric")}>
            {(field) => (
              <Select {...field} value={metric} onChange={(event) => { setMetric(event.target.value); }}>
                {METRICS.map((each) => <option key={each} value={each}>{t(`metric.${each}`)}</option>)}
              </Select>
            )}
          </Field>
        )}
        {kind === "list" && (
          <Field label={t("boards.what")}>
            {(field) => (
              <Select {...field} value={of} onChange={(event) => { setOf(event.target.value); }}>
                {LISTED.map((each) => <option key={each} value={each}>{dimensionName(t, each)}</option>)}
              </Select>
            )}
          </Field>
        )}
        {kind === "report" && (
          <Field label={t("boards.report")}>
            {(field) => (
              <Select {...field} value={chosen} onChange={(event) => { setReport(event.target.value); }}>
                {kept.map((each) => <option key={each.id} value={each.id}>{each.name}</option>)}
              </Select>
            )}
          </Field>
        )}
        <Field label={t("boards.heading")}>{(field) => <Input {...field} maxLength={100} value={title} onChange={(event) => { setTitle(event.target.value); }} />}</Field>
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" look="primary">{t("common.add")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
