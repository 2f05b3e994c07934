import { useTranslation } from "react-i18next";

import { ENTRIES } from "@/app/nav";
import { Dialog } from "@/ui/Dialog";

/** Every key that does something. */
export function Help({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const groups: [string, [string, string[]][]][] = [
    [
      t("help.everywhere"),
      [
        [t("help.open"), ["⌘", "K"]],
        [t("help.sheet"), ["?"]],
        [t("help.filter"), ["F"]],
        [t("help.span"), ["D"]],
        [t("help.close"), ["Esc"]],
      ],
    ],
    [t("help.chart"), [[t("help.walk"), ["←", "→"]]]],
    [t("help.pages"), ENTRIES.map((entry): [string, string[]] => [t(`nav.${entry.name}`), ["G", entry.key.toUpperCase()]])],
  ];
  return (
    <Dialog title={t("help.title")} onClose={onClose}>
      <div className="grid gap-x-8 gap-y-4 sm:grid-cols-2">
        {groups.map(([title, rows], index) => (
          <section key={title} className={index === 2 ? "sm:col-start-2 sm:row-span-2 sm:row-start-1" : undefined}>
            <h3 className="mb-1 text-2xs font-medium text-muted">{title}</h3>
            <dl>
              {rows.map(([name, keys]) => (
                <div key={name} className="flex h-7 items-center justify-between gap-3">
                  <dt className="truncate">{name}</dt>
                  <dd className="flex shrink-0 gap-1">
                    {keys.map((key) => (
                      <kbd key={key} className="inline-flex h-5 min-w-5 items-center justify-center rounded border border-line-strong bg-sunken px-1 font-sans text-2xs">{key}</kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
