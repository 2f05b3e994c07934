import { area, curveMonotoneX, line } from "d3-shape";

import { linear } from "@/charts/scale";

interface Props {
  values: readonly number[];
  active?: boolean;
}

const WIDTH = 100;
const HEIGHT = 28;

/** A series without axes, for a glance. It stretches to its box. */
export function Sparkline({ values, active = false }: Props) {
  const x = linear([0, Math.max(1, values.length - 1)], [0, WIDTH]);
  const y = linear([0, Math.max(1e-9, ...values)], [HEIGHT - 1.5, 2]);
  const points = values.map((value, index): [number, number] => [x(index), y(value)]);
  const stroke = line().curve(curveMonotoneX)(points) ?? "";
  const fill = area().curve(curveMonotoneX).y0(HEIGHT)(points) ?? "";
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" className="block h-7 w-full" aria-hidden>
      <path d={fill} fill={active ? "var(--accent)" : "var(--faint)"} opacity={active ? 0.14 : 0.1} />
      <path
        d={stroke}
        fill="none"
        stroke={active ? "var(--accent)" : "var(--faint)"}
        strokeWidth={1.5}
        vectorEffect="non-scaling-stroke"
        strokeLinejoin="round"
      />
    </svg>
  );
}
