import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { eventNames } from "@/api/queries";
import { useNames } from "@/controls/useNames";
import { useProjectId, useView } from "@/lib/search";
import { Input, Select } from "@/ui/fields";

interface Props {
  label: string;
  value: string | undefined;
  onChange: (name: string | undefined) => void;
  /** What no event at all is called; null: there is always one. */
  any?: string | null;
  /** What else may be chosen, before the events. */
  first?: readonly { value: string; label: string }[];
  id?: string;
  className?: string;
}

/** No event is called that: names have 80 characters at most. */
const TYPE = "type ".repeat(20);

/** An event of the project by its name, or any. What is hidden, or too rare to be listed, is typed. */
export function EventPicker({ label, value, onChange, any, first = [], id, className }: Props) {
  const { t } = useTranslation();
  const shown = useNames();
  const names = useQuery(eventNames(useProjectId(), { ...useView(), filters: [] }, 500));
  const [typing, setTyping] = useState(false);
  const same = { ...(id ? { id } : { "aria-label": label }), className };
  const known = (names.data?.data ?? []).map((row) => row.name).filter((name) => !shown.hidden("event", name));
  const all = value && ![...known, ...first.map((each) => each.value)].includes(value) ? [value, ...known] : known;
  if (typing) {
    return (
      <Input
        {...same}
        autoFocus
        placeholder={t("names.type")}
        onKeyDown={(event) => {
          if (event.key !== "Enter" && event.key !== "Escape") return;
          event.preventDefault();
          if (event.key === "Escape") event.currentTarget.value = "";
          event.currentTarget.blur();
        }}
        onBlur={(event) => {
          const typed = event.currentTarget.value.trim();
          setTyping(false);
          if (typed) onChange(shown.sent("event", typed));
        }}
      />
    );
  }
  return (
    <Select
      {...same}
      value={value ?? ""}
      onChange={(event) => {
        const picked = event.target.value;
        if (picked === TYPE) setTyping(true);
        else onChange(picked || undefined);
      }}
    >
      {any !== null && <option value="">{any ?? t("funnels.anyEvent")}</option>}
      {first.map((each) => <option key={each.value} value={each.value}>{each.label}</option>)}
      {all.map((name) => <option key={name} value={name}>{shown.label("event", name)}</option>)}
      <option value={TYPE}>{t("names.type")}</option>
    </Select>
  );
}
