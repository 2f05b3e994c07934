/** Where ticks of a chart lie. */

/** About `count` round values from 0 to at least `max`. */
export function ticks(max: number, count = 4): number[] {
  if (max <= 0) return [0, 1];
  const raw = max / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 2.5, 5, 10].find((each) => each * power >= raw) ?? 10) * power;
  const whole = max >= count ? Math.max(1, Math.round(step)) : step;
  const found: number[] = [];
  for (let value = 0; value < max + whole; value += whole) found.push(value);
  return found;
}

/** Indices of labels that fit beside each other, the first and evenly spaced others. */
export function labelled(count: number, width: number, each = 72): number[] {
  if (count === 0) return [];
  const fit = Math.max(1, Math.floor(width / each));
  const step = Math.max(1, Math.ceil(count / fit));
  return Array.from({ length: Math.ceil(count / step) }, (_, index) => index * step);
}

/** A straight line through two points of each range. */
export function linear([a, b]: readonly [number, number], [c, d]: readonly [number, number]): (value: number) => number {
  const slope = b === a ? 0 : (d - c) / (b - a);
  return (value) => c + (value - a) * slope;
}
