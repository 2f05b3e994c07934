import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { funnelPeople, type FunnelBody } from "@/api/product";
import { Person } from "@/controls/Person";
import { dateTime } from "@/lib/format";
import { useProjectId } from "@/lib/search";
import { Dialog } from "@/ui/Dialog";
import { Segmented } from "@/ui/Segmented";
import { Empty, Failure, Skeleton } from "@/ui/states";

interface Props {
  question: FunnelBody;
  step: number;
  onClose: () => void;
}

/** Who got to a step, and who left after it. */
export function FunnelPeople({ question, step, onClose }: Props) {
  const { t } = useTranslation();
  const [outcome, setOutcome] = useState<"converted" | "dropped">("converted");
  const query = useQuery(funnelPeople(useProjectId(), question, step, outcome));
  const last = step === question.steps.length;
  return (
    <Dialog side title={t(outcome === "converted" ? "funnels.peopleConverted" : "funnels.peopleDropped", { n: step })} onClose={onClose}>
      {!last && (
        <div className="mb-3 w-max">
          <Segmented
            label={t("funnels.people")}
            value={outcome}
            options={[{ value: "converted", label: t("funnels.convertedTab") }, { value: "dropped", label: t("funnels.droppedTab") }]}
            onChange={setOutcome}
          />
        </div>
      )}
      {query.isError && <Failure error={query.error} />}
      {query.isPending && <Skeleton className="h-64" />}
      {query.data?.data.length === 0 && <Empty title={t("profiles.none")} />}
      <ul className="flex flex-col">
        {query.data?.data.map((row, index) => (
          <li key={index} className="flex h-9 items-center justify-between gap-3">
            <Person id={row.profileId ?? row.visitorId ?? row.group ?? ""} identified={Boolean(row.profileId ?? row.group)} />
            <span className="tabular shrink-0 text-xs text-muted">{row.times[0] ? dateTime(String(row.times[0])) : ""}</span>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
