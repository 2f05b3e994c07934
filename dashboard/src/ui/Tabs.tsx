import { useEffect, useRef } from "react";

import { cx } from "@/lib/classes";

interface Props<T extends string> {
  label: string;
  value: T;
  options: readonly { value: T; label: string }[];
  onChange: (value: T) => void;
}

/** Parts of a page: a column of them at the left, on narrow screens a row that scrolls. */
export function Tabs<T extends string>({ label, value, options, onChange }: Props<T>) {
  const row = useRef<HTMLElement>(null);
  useEffect(() => {
    const nav = row.current;
    if (!nav || nav.scrollWidth <= nav.clientWidth) return; // a column: nothing is out of sight
    nav.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [value]);
  return (
    <nav ref={row} aria-label={label} className="-mx-3 overflow-x-auto px-3 [scrollbar-width:none] sm:mx-0 sm:px-0 md:sticky md:top-16 md:w-48 md:shrink-0 md:self-start">
      <ul className="flex gap-1 md:flex-col md:gap-px">
        {options.map((each) => (
          <li key={each.value} className="shrink-0">
            <button
              type="button"
              aria-current={each.value === value ? "page" : undefined}
              onClick={() => { onChange(each.value); }}
              className={cx(
                "h-8 rounded-lg px-2.5 text-left whitespace-nowrap transition-colors focus-visible:-outline-offset-2 md:w-full",
                each.value === value ? "bg-hover font-medium text-ink" : "text-muted hover:bg-hover hover:text-ink",
              )}
            >
              {each.label}
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}
