import { Link } from "@tanstack/react-router";

import { cx } from "@/lib/classes";
import { kept, useAddress, useProjectId } from "@/lib/search";

interface Props {
  id: string;
  name?: string | null | undefined;
  identified: boolean;
}

const HUES = [277, 200, 150, 55, 20, 340];

/** A colour that stays with a person. */
function hue(id: string): number {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + letter.charCodeAt(0)) % 997;
  return HUES[sum % HUES.length] ?? 277;
}

/** Who it is, and the way to their page. */
export function Person({ id, name, identified }: Props) {
  const projectId = useProjectId();
  const [search] = useAddress();
  const words = name ?? (identified ? id : id.slice(0, 8));
  return (
    <Link to="/p/$projectId/profiles/$id" params={{ projectId, id }} search={kept(search)} className="inline-flex max-w-full min-w-0 items-center gap-2 align-middle hover:underline">
      <span
        aria-hidden
        className="flex size-5 shrink-0 items-center justify-center rounded-full text-[10px] font-semibold text-ink uppercase"
        style={{ background: `color-mix(in oklch, oklch(0.7 0.13 ${hue(id)}) 30%, var(--surface))` }}
      >
        {words.slice(0, 1)}
      </span>
      <span className={cx("truncate", identified ? "font-medium" : "font-mono text-xs text-muted")}>{words}</span>
    </Link>
  );
}
