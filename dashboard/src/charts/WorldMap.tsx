import { useState } from "react";

import world from "@/data/world.json";
import { country } from "@/lib/format";

interface Props {
  values: ReadonlyMap<string, number>;
  format: (value: number) => string;
  active: ReadonlySet<string>;
  label: string;
  onPick?: ((code: string) => void) | undefined;
}

const countries = Object.entries(world.countries as Record<string, string>);
const dots = Object.entries(world.small as unknown as Record<string, [number, number]>);

/** Countries of the world, the darker the more. The list beside it says the same to those who do not see it. */
export function WorldMap({ values, format, active, label, onPick }: Props) {
  const [at, setAt] = useState<string | null>(null);
  const most = Math.max(1, ...values.values());
  const strength = (value: number) => Math.sqrt(value / most);
  function fill(code: string): string {
    const value = values.get(code) ?? 0;
    if (active.has(code)) return "var(--accent)";
    if (value === 0) return "var(--map-empty)";
    return `color-mix(in oklch, var(--accent) ${Math.round(18 + 72 * strength(value))}%, var(--map-empty))`;
  }
  const known = values.size > 0;
  return (
    <div className="relative">
      <svg
        viewBox="0 8 1000 420"
        className="block h-full w-full"
        role="img"
        aria-label={label}
        onPointerLeave={() => { setAt(null); }}
      >
        {countries.map(([code, outline]) => (
          <path
            key={code}
            d={outline}
            fill={fill(code)}
            stroke="var(--surface)"
            strokeWidth={0.6}
            opacity={at && at !== code && known ? 0.75 : 1}
            className={values.has(code) && onPick ? "cursor-pointer" : undefined}
            onPointerEnter={() => { setAt(code); }}
            onClick={() => { if (values.has(code)) onPick?.(code); }}
          />
        ))}
        {dots.map(([code, [x, y]]) =>
          values.has(code) ? (
            <circle key={code} cx={x} cy={y} r={4.5} fill={fill(code)} stroke="var(--surface)" className="cursor-pointer" onPointerEnter={() => { setAt(code); }} onClick={() => { onPick?.(code); }} />
          ) : null,
        )}
      </svg>
      {at && (
        <p className="pointer-events-none absolute bottom-1 left-1 rounded-md border border-line bg-raised px-2 py-1 text-xs shadow-raised">
          {country(at)} <span className="tabular ml-1.5 font-medium">{format(values.get(at) ?? 0)}</span>
        </p>
      )}
    </div>
  );
}
