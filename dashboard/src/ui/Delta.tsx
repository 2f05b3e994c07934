import { cx } from "@/lib/classes";
import { change } from "@/lib/format";

interface Props {
  value: number | null | undefined;
  /** Whether more is worse, as with bounces. */
  inverse?: boolean;
  className?: string;
}

/** A change against the earlier period; its sign says what its colour does. */
export function Delta({ value, inverse = false, className }: Props) {
  if (value === null || value === undefined) return null;
  const rounded = Math.round(value * 100);
  const good = inverse ? rounded < 0 : rounded > 0;
  return (
    <span
      className={cx(
        "tabular text-xs font-medium",
        rounded === 0 ? "text-muted" : good ? "text-good" : "text-bad",
        className,
      )}
    >
      {change(value)}
    </span>
  );
}
