import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { CalendarDays, Keyboard, LayoutGrid, MoonStar, type LucideIcon } from "lucide-react";
import { useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";

import { session } from "@/api/session";
import { ENTRIES } from "@/app/nav";
import { cx } from "@/lib/classes";
import { kept, useAddress, useProjectId } from "@/lib/search";
import { setTheme } from "@/lib/theme";
import { DEFAULT_RANGE, type Range } from "@/lib/view";
import { Dialog } from "@/ui/Dialog";
import { SearchField } from "@/ui/fields";

interface Command {
  group: string;
  text: string;
  hint?: string;
  icon: LucideIcon;
  run: () => void;
}

const SPANS: Range[] = ["today", "yesterday", "7d", "30d", "3m", "12m", "monthToDate", "all"];

function useCommands(onHelp: () => void): Command[] {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const projectId = useProjectId();
  const [search, change] = useAddress();
  const projects = useQuery(session()).data?.projects ?? [];
  const pages: Command[] = projectId
    ? ENTRIES.map((entry) => ({
        group: t("palette.go"),
        text: t(`nav.${entry.name}`),
        hint: `G ${entry.key.toUpperCase()}`,
        icon: entry.icon,
        run: () => void navigate({ to: entry.to, params: { projectId }, search: kept(search) }),
      }))
    : [];
  const spans: Command[] = projectId
    ? SPANS.map((range) => ({
        group: t("palette.span"),
        text: t(`view.ranges.${range}`),
        icon: CalendarDays,
        run: () => { change({ range: range === DEFAULT_RANGE ? undefined : range, from: undefined, to: undefined, interval: undefined }); },
      }))
    : [];
  return [
    ...pages,
    ...projects
      .filter((each) => each.id !== projectId)
      .map((each) => ({ group: t("home.title"), text: each.name, icon: LayoutGrid, run: () => void navigate({ to: "/p/$projectId", params: { projectId: each.id } }) })),
    { group: t("home.title"), text: t("nav.home"), icon: LayoutGrid, run: () => void navigate({ to: "/" }) },
    ...spans,
    { group: t("palette.look"), text: t("help.title"), hint: "?", icon: Keyboard, run: onHelp },
    ...(["light", "dark", "system"] as const).map((theme) => ({ group: t("palette.look"), text: t(`account.${theme}`), icon: MoonStar, run: () => { setTheme(theme); } })),
  ];
}

/** Everything by its name: pages, projects, spans, appearance. */
export function Palette({ onClose, onHelp }: { onClose: () => void; onHelp: () => void }) {
  const { t } = useTranslation();
  const commands = useCommands(onHelp);
  const [wanted, setWanted] = useState("");
  const [at, setAt] = useState(0);
  const found = commands.filter((each) => `${each.text} ${each.group}`.toLowerCase().includes(wanted.trim().toLowerCase()));
  const chosen = Math.min(at, found.length - 1);

  function run(command: Command | undefined) {
    if (!command) return;
    onClose();
    command.run();
  }
  function keys(event: KeyboardEvent) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Enter") {
      event.preventDefault();
      run(found[chosen]);
    }
    if (step === undefined || found.length === 0) return;
    event.preventDefault();
    const next = (chosen + step + found.length) % found.length;
    setAt(next);
    document.getElementById(`command-${next}`)?.scrollIntoView({ block: "nearest" });
  }
  return (
    <Dialog title={t("palette.title")} onClose={onClose}>
      <SearchField
        autoFocus
        label={t("palette.placeholder")}
        role="combobox"
        aria-expanded
        aria-controls="commands"
        aria-activedescendant={found.length > 0 ? `command-${chosen}` : undefined}
        value={wanted}
        onKeyDown={keys}
        onChange={(event) => {
          setWanted(event.target.value);
          setAt(0);
        }}
      />
      <ul id="commands" role="listbox" aria-label={t("palette.title")} className="mt-2 -mx-2 h-[46dvh] overflow-y-auto">
        {found.length === 0 && <li className="p-4 text-center text-muted">{t("palette.empty")}</li>}
        {found.map((each, index) => (
          <li key={`${each.group}${each.text}`} role="presentation">
            {each.group !== found[index - 1]?.group && <p className="px-3 pt-2 pb-1 text-2xs font-medium text-muted">{each.group}</p>}
            <button
              type="button"
              id={`command-${index}`}
              role="option"
              aria-selected={index === chosen}
              tabIndex={-1}
              onClick={() => { run(each); }}
              onPointerMove={() => { setAt(index); }}
              className={cx("flex h-9 w-full items-center gap-2.5 rounded-lg px-3 text-left", index === chosen && "bg-hover")}
            >
              <each.icon className="size-4 text-muted" strokeWidth={1.75} aria-hidden />
              <span className="flex-1 truncate">{each.text}</span>
              {each.hint && <kbd className="font-sans text-2xs text-muted">{each.hint}</kbd>}
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
