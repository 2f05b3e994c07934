import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { eventNames } from "@/api/queries";
import { useProjectId, useView } from "@/lib/search";
import { Select } from "@/ui/fields";

interface Props {
  label: string;
  value: string | undefined;
  onChange: (name: string | undefined) => void;
  any?: string;
  id?: string;
  className?: string;
}

/** An event of the project by its name, or any. */
export function EventPicker({ label, value, onChange, any, id, className }: Props) {
  const { t } = useTranslation();
  const names = useQuery(eventNames(useProjectId(), { ...useView(), filters: [] }, 500));
  const known = names.data?.data.map((row) => row.name) ?? [];
  const all = value && !known.includes(value) ? [value, ...known] : known;
  return (
    <Select {...(id ? { id } : { "aria-label": label })} className={className} value={value ?? ""} onChange={(event) => { onChange(event.target.value || undefined); }}>
      <option value="">{any ?? t("funnels.anyEvent")}</option>
      {all.map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </Select>
  );
}
