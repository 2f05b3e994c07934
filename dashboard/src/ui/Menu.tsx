import { Check } from "lucide-react";
import { createContext, useContext, type KeyboardEvent, type ReactElement, type ReactNode } from "react";

import { cx } from "@/lib/classes";
import { Popover, type Align, type Side } from "@/ui/Popover";

interface Props {
  trigger: ReactElement<{ popoverTarget?: string }>;
  label?: string;
  children: ReactNode;
  align?: Align;
  side?: Side;
  className?: string;
}

const Close = createContext<() => void>(() => undefined);

/** Arrow keys, Home and End move between items. */
function keys(event: KeyboardEvent<HTMLDivElement>): void {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>("[role^=menuitem]")];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  items[(next + items.length) % items.length]?.focus();
}

export function Menu({ className, children, ...rest }: Props) {
  return (
    <Popover role="menu" className={cx("min-w-44", className)} onKeyDown={keys} {...rest}>
      {(close) => (
        <div className="p-1">
          <Close value={close}>{children}</Close>
        </div>
      )}
    </Popover>
  );
}

interface ItemProps {
  children: ReactNode;
  onSelect: () => void;
  checked?: boolean;
}

export function MenuItem({ children, onSelect, checked }: ItemProps) {
  const close = useContext(Close);
  return (
    <button
      type="button"
      role={checked === undefined ? "menuitem" : "menuitemradio"}
      aria-checked={checked}
      tabIndex={-1}
      onPointerMove={(event) => { event.currentTarget.focus(); }}
      onClick={() => {
        close();
        onSelect();
      }}
      className="flex h-8 w-full items-center gap-2 rounded-lg px-2 text-left outline-none focus:bg-hover"
    >
      <span className="flex min-w-0 flex-1 items-center gap-2 truncate">{children}</span>
      {checked && <Check className="size-3.5 text-accent" aria-hidden />}
    </button>
  );
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <p role="presentation" className="px-2 pt-1.5 pb-1 text-2xs font-medium text-muted">{children}</p>;
}

export function MenuLine() {
  return <div role="separator" className="-mx-1 my-1 h-px bg-line" />;
}
