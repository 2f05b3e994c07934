import { cloneElement, useId, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactElement, type ReactNode } from "react";

import { cx } from "@/lib/classes";

export type Align = "start" | "end";
export type Side = "top" | "bottom";

interface Props {
  /** A button; pressing it opens and closes. */
  trigger: ReactElement<{ popoverTarget?: string }>;
  label?: string;
  role?: "dialog" | "menu";
  children: (close: () => void) => ReactNode;
  align?: Align;
  side?: Side;
  className?: string;
  onKeyDown?: (event: KeyboardEvent<HTMLDivElement>) => void;
}

const GAP = 6;
const MARGIN = 10;
const FOCUSABLE = "input, [role^=menuitem], button:not(:disabled), select, textarea, a[href]";

/** Beside its button, on the side where there is room, and never out of the window. */
function place(content: HTMLElement, trigger: Element, align: Align, side: Side): void {
  const button = trigger.getBoundingClientRect();
  const below = window.innerHeight - button.bottom - GAP - MARGIN;
  const above = button.top - GAP - MARGIN;
  content.style.maxHeight = "none";
  const { width, height } = content.getBoundingClientRect();
  const down = side === "bottom" ? height <= below || below >= above : height > above && below > above;
  const wanted = align === "start" ? button.left : button.right - width;
  content.style.left = `${Math.max(MARGIN, Math.min(wanted, window.innerWidth - width - MARGIN))}px`;
  content.style.top = down ? `${button.bottom + GAP}px` : `${Math.max(MARGIN, button.top - GAP - height)}px`;
  content.style.maxHeight = `${Math.max(160, down ? below : above)}px`;
}

/**
 * Content that opens beside a button. The browser's own popover: Escape and a click elsewhere close it, the focus
 * goes back to the button, and nothing lies above it.
 */
export function Popover({ trigger, label, role = "dialog", children, align = "end", side = "bottom", className, onKeyDown }: Props) {
  const id = useId();
  const content = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  useLayoutEffect(() => {
    const element = content.current;
    const button = document.querySelector(`[popovertarget="${id}"]`);
    if (!open || !element || !button) return;
    const put = () => { place(element, button, align, side); };
    put();
    element.style.visibility = "visible";
    if (!element.contains(document.activeElement)) element.querySelector<HTMLElement>(FOCUSABLE)?.focus();
    const observer = new ResizeObserver(put);
    for (const child of element.children) observer.observe(child);
    window.addEventListener("resize", put);
    return () => {
      observer.disconnect();
      window.removeEventListener("resize", put);
      element.style.visibility = "hidden";
    };
  }, [open, id, align, side]);
  const close = () => { document.getElementById(id)?.hidePopover(); };
  return (
    <>
      {cloneElement(trigger, { popoverTarget: id })}
      <div
        ref={content}
        id={id}
        popover="auto"
        role={role}
        aria-label={label}
        onToggle={(event) => { if (event.target === event.currentTarget) setOpen(event.newState === "open"); }}
        onKeyDown={onKeyDown}
        style={{ visibility: "hidden" }}
        className={cx("fixed inset-auto m-0 max-w-[calc(100vw-20px)] overflow-y-auto rounded-xl border border-line bg-raised p-0 text-ink shadow-raised outline-none", open && "pop", className)}
      >
        {open && children(close)}
      </div>
    </>
  );
}
