import { Download } from "lucide-react";
import { useRef } from "react";
import { useTranslation } from "react-i18next";

import { downloadCsv } from "@/lib/csv";
import { root } from "@/lib/base";
import { useProjectId, useView } from "@/lib/search";
import { question } from "@/lib/view";
import { buttonClass, IconButton } from "@/ui/Button";
import { Menu, MenuItem } from "@/ui/Menu";

/** Numbers behind a picture: names of columns, and rows. */
export type Sheet = readonly [readonly string[], readonly (readonly unknown[])[]];

interface Props {
  name: string;
  /** Asked when it is wanted. */
  sheet?: (() => Sheet) | undefined;
  /** Whether there is a picture of it: the card around (or what is marked `data-picture`), as it is on the screen. */
  picture?: boolean;
}

function fileName(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, "-").replaceAll(/^-|-$/g, "") || "event-lens";
}

/** Keeps what a card shows: as numbers, and as a picture. */
export function Downloads({ name, sheet, picture = true }: Props) {
  const { t } = useTranslation();
  const here = useRef<HTMLSpanElement>(null);
  const file = fileName(name);
  function keep(kind: "svg" | "png") {
    const card = here.current?.closest<HTMLElement>("[data-picture], .card");
    if (card) void import("@/lib/picture").then(({ downloadPicture }) => downloadPicture(card, file, kind));
  }
  function numbers() {
    const [columns, rows] = sheet?.() ?? [[], []];
    downloadCsv(file, [...columns], rows.map((row) => [...row]));
  }
  const button = (
    <IconButton label={`${t("common.download")}: ${name}`} className="size-7" {...(picture ? {} : { onClick: numbers })}>
      <Download className="size-3.5" aria-hidden />
    </IconButton>
  );
  return (
    <span ref={here} data-plain>
      {picture ? (
        <Menu trigger={button}>
          {sheet && <MenuItem onSelect={numbers}>{t("common.csv")}</MenuItem>}
          <MenuItem onSelect={() => { keep("png"); }}>{t("common.png")}</MenuItem>
          <MenuItem onSelect={() => { keep("svg"); }}>{t("common.svg")}</MenuItem>
        </Menu>
      ) : (
        button
      )}
    </span>
  );
}

/** All rows of an endless list, whatever their number: the server writes the file. */
export function ExportLink({ what }: { what: "events" | "sessions" | "profiles" }) {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const asked = new URLSearchParams({ ...question(useView()), formulas: "escape" });
  return (
    <a className={buttonClass("plain")} href={`${root}insights/${encodeURIComponent(projectId)}/export/${what}.csv?${asked.toString()}`} download aria-label={t("common.csv")}>
      <Download className="size-3.5 text-muted" aria-hidden />
      <span className="hidden sm:inline">CSV</span>
    </a>
  );
}
