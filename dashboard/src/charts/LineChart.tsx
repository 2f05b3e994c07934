import { area, curveMonotoneX, line } from "d3-shape";
import { useId, useState, type KeyboardEvent, type PointerEvent } from "react";

import { labelled, linear, ticks } from "@/charts/scale";
import { cx } from "@/lib/classes";
import { useWidth } from "@/lib/useSize";

export interface Line {
  name: string;
  values: readonly (number | null)[];
  color?: string;
  /** The same line in the earlier period. */
  before?: readonly (number | null)[] | undefined;
}

interface Props {
  label: string;
  labels: readonly string[];
  titles: readonly string[];
  titlesBefore?: readonly (string | undefined)[] | undefined;
  lines: readonly Line[];
  format: (value: number) => string;
  /** How many of the last buckets are not over yet. */
  open?: number;
  height?: number;
  notes?: readonly { index: number; text: string }[];
  onPick?: ((index: number) => void) | undefined;
}

const TOP = 12;
const BOTTOM = 24;
const LEFT = 44;

/** Lines over time, with the earlier period dashed behind. Arrow keys walk through the buckets. */
export function LineChart(props: Props) {
  const { label, labels, titles, titlesBefore, lines, format, open = 0, height = 264, notes = [], onPick } = props;
  const [box, width] = useWidth<HTMLDivElement>();
  const [at, setAt] = useState<number | null>(null);
  const gradient = useId();
  const count = labels.length;
  const all = lines.flatMap((each) => [...each.values, ...(each.before ?? [])]).map((value) => value ?? 0);
  const marks = ticks(Math.max(0, ...all));
  const right = Math.max(LEFT + 1, width - 8);
  const floor = height - BOTTOM;
  const x = linear([0, Math.max(1, count - 1)], [LEFT, right]);
  const y = linear([0, marks.at(-1) ?? 1], [floor, TOP]);
  const here = at !== null && at < count ? at : null;

  function points(values: readonly (number | null)[]): [number, number][] {
    return values.map((value, index) => [x(index), y(value ?? 0)]);
  }
  function point(event: PointerEvent<HTMLDivElement>) {
    const place = event.clientX - event.currentTarget.getBoundingClientRect().left;
    setAt(Math.max(0, Math.min(count - 1, Math.round(linear([LEFT, right], [0, Math.max(1, count - 1)])(place)))));
  }
  function keys(event: KeyboardEvent) {
    const step = { ArrowRight: 1, ArrowLeft: -1, Home: -count, End: count }[event.key];
    if (event.key === "Enter" && here !== null) onPick?.(here);
    if (step === undefined) return;
    event.preventDefault();
    setAt(Math.max(0, Math.min(count - 1, (here ?? (step > 0 ? -1 : count)) + step)));
  }
  const single = lines.length === 1;

  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- arrow keys read the values out
    <div
      ref={box}
      role="group"
      aria-roledescription="chart"
      aria-label={label}
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the values are reached by keyboard
      tabIndex={0}
      className={cx("relative touch-pan-y outline-offset-[-2px]", onPick && "cursor-pointer")}
      style={{ height }}
      onPointerMove={point}
      onPointerLeave={() => { setAt(null); }}
      onBlur={() => { setAt(null); }}
      onKeyDown={keys}
      onClick={() => { if (here !== null) onPick?.(here); }}
    >
      {width > 0 && (
        <svg width={width} height={height} className="block" aria-hidden>
          <defs>
            <linearGradient id={gradient} x1="0" y1="0" x2="0" y2="1">
              <stop offset="0%" stopColor="var(--accent)" stopOpacity="0.2" />
              <stop offset="100%" stopColor="var(--accent)" stopOpacity="0" />
            </linearGradient>
          </defs>
          {marks.map((value) => (
            <g key={value}>
              <line x1={LEFT} x2={right} y1={y(value)} y2={y(value)} stroke="var(--line)" strokeWidth={1} shapeRendering="crispEdges" />
              <text x={LEFT - 10} y={y(value)} dy="0.32em" textAnchor="end" className="tabular" fontSize={11} fill="var(--muted)">
                {format(value)}
              </text>
            </g>
          ))}
          {labelled(count, right - LEFT).map((index) => (
            <text
              key={index}
              x={x(index)}
              y={height - 6}
              textAnchor={index === 0 ? "start" : x(index) > right - 24 ? "end" : "middle"}
              className="tabular"
              fontSize={11}
              fill="var(--muted)"
            >
              {labels[index]}
            </text>
          ))}
          {notes.map((note) => (
            <g key={`${note.index}${note.text}`}>
              <line x1={x(note.index)} x2={x(note.index)} y1={TOP} y2={floor} stroke="var(--warn)" strokeDasharray="2 3" />
              <circle cx={x(note.index)} cy={TOP - 4} r={4} fill="var(--warn)" stroke="var(--surface)" strokeWidth={1.5} />
            </g>
          ))}
          {lines.map((each, index) => (
            <Drawn key={`${index}${each.name}`} line={each} open={open} single={single} fill={single ? `url(#${gradient})` : undefined} place={points} floor={floor} />
          ))}
          {here !== null && (
            <g>
              <line x1={x(here)} x2={x(here)} y1={TOP} y2={floor} stroke="var(--line-strong)" shapeRendering="crispEdges" />
              {lines.map((each) => (
                <circle key={each.name} cx={x(here)} cy={y(each.values[here] ?? 0)} r={4} fill={each.color ?? "var(--accent)"} stroke="var(--surface)" strokeWidth={2} />
              ))}
            </g>
          )}
        </svg>
      )}
      {here !== null && width > 0 && (
        <div
          className="pointer-events-none absolute top-2 z-10 w-max max-w-64 rounded-lg border border-line bg-raised px-3 py-2 text-xs shadow-raised"
          style={x(here) > width / 2 ? { right: width - x(here) + 14 } : { left: x(here) + 14 }}
        >
          <p className="mb-1 font-medium">{titles[here]}</p>
          <table>
            <tbody>
              {lines.slice(0, 8).map((each) => (
                <Row key={each.name} color={each.color ?? "var(--accent)"} name={each.name} value={each.values[here]} format={format} />
              ))}
              {lines.slice(0, 1).map((each) =>
                each.before ? (
                  <Row key="before" color="var(--faint)" name={titlesBefore?.[here] ?? ""} value={each.before[here]} format={format} quiet />
                ) : null,
              )}
            </tbody>
          </table>
          {notes.filter((note) => note.index === here).map((note) => (
            <p key={note.text} className="mt-1 text-warn">{note.text}</p>
          ))}
        </div>
      )}
      <p className="sr-only" aria-live="polite">
        {here !== null && `${titles[here] ?? ""}: ${lines.map((each) => `${each.name} ${format(each.values[here] ?? 0)}`).join(", ")}`}
      </p>
    </div>
  );
}

interface DrawnProps {
  line: Line;
  open: number;
  single: boolean;
  fill: string | undefined;
  place: (values: readonly (number | null)[]) => [number, number][];
  floor: number;
}

/** One line: what is over solid, the bucket under way dotted, the earlier period dashed. */
function Drawn({ line: each, open, single, fill, place, floor }: DrawnProps) {
  const path = line().curve(curveMonotoneX);
  const color = each.color ?? "var(--accent)";
  const points = place(each.values);
  const running = open > 0 && points.length > open;
  const over = running ? points.slice(0, points.length - open) : points;
  const rest = running ? points.slice(points.length - open - 1) : [];
  const first = points[0];
  return (
    <g fill="none" strokeWidth={2} strokeLinejoin="round" strokeLinecap="round">
      {fill && <path d={area().curve(curveMonotoneX).y0(floor)(over) ?? ""} fill={fill} />}
      {each.before && (
        <path d={path(place(each.before)) ?? ""} {...beforeLook(single, color)} strokeWidth={1.5} strokeDasharray="3 4" />
      )}
      <path d={path(over) ?? ""} stroke={color} />
      {rest.length > 0 && <path d={path(rest) ?? ""} stroke={color} strokeDasharray="2 5" />}
      {first && points.length === 1 && <circle cx={first[0]} cy={first[1]} r={3} fill={color} />}
    </g>
  );
}

function beforeLook(single: boolean, color: string): { stroke: string; strokeOpacity: number } {
  return single ? { stroke: "var(--faint)", strokeOpacity: 1 } : { stroke: color, strokeOpacity: 0.5 };
}

interface RowProps {
  color: string;
  name: string;
  value: number | null | undefined;
  format: (value: number) => string;
  quiet?: boolean;
}

function Row({ color, name, value, format, quiet = false }: RowProps) {
  return (
    <tr className={quiet ? "text-muted" : undefined}>
      <td className="pr-2">
        <span className="inline-block h-0.5 w-2.5 rounded-full align-middle" style={{ background: color }} />
      </td>
      <td className="max-w-40 truncate pr-4">{name}</td>
      <td className="tabular text-right font-medium">{value === null || value === undefined ? "–" : format(value)}</td>
    </tr>
  );
}
