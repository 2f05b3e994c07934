import { useRef } from "react";

import { cx } from "@/lib/classes";

interface Props<T extends string> {
  label: string;
  value: T;
  options: readonly { value: T; label: string }[];
  onChange: (value: T) => void;
  look?: "tabs" | "pill";
}

/** One of a few, as a row of radio buttons: arrow keys move within it. */
export function Segmented<T extends string>({ label, value, options, onChange, look = "pill" }: Props<T>) {
  const group = useRef<HTMLDivElement>(null);
  function move(step: number) {
    const index = options.findIndex((each) => each.value === value);
    const next = options[(index + step + options.length) % options.length];
    if (!next) return;
    onChange(next.value);
    group.current?.querySelectorAll("button")[options.indexOf(next)]?.focus();
  }
  return (
    <div
      ref={group}
      role="radiogroup"
      aria-label={label}
      className={cx(
        "flex min-w-0 items-center",
        look === "pill" ? "h-8 gap-0.5 rounded-lg bg-hover p-0.5" : "-ml-2 gap-0 overflow-x-auto [scrollbar-width:none]",
      )}
    >
      {options.map((each) => {
        const on = each.value === value;
        return (
          <button
            key={each.value}
            type="button"
            role="radio"
            aria-checked={on}
            tabIndex={on ? 0 : -1}
            onClick={() => { onChange(each.value); }}
            onKeyDown={(event) => {
              const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
              if (step === undefined) return;
              event.preventDefault();
              move(step);
            }}
            className={cx(
              "shrink-0 whitespace-nowrap transition-colors",
              look === "pill"
                ? "h-7 rounded-md px-2.5 text-xs focus-visible:outline-offset-0"
                : "h-7 rounded-md px-2 text-[13px] focus-visible:-outline-offset-2",
              look === "pill" && on && "bg-surface font-medium text-ink shadow-card dark:bg-line-strong",
              look === "tabs" && on && "font-semibold text-ink",
              !on && "text-muted hover:text-ink",
            )}
          >
            {each.label}
          </button>
        );
      })}
    </div>
  );
}
