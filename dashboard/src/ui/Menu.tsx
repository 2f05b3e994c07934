import * as Radix from "@radix-ui/react-dropdown-menu";
import { Check } from "lucide-react";
import type { ReactNode } from "react";

import { cx } from "@/lib/classes";

interface Props {
  trigger: ReactNode;
  children: ReactNode;
  align?: "start" | "end";
  side?: "top" | "bottom";
  className?: string;
}

export function Menu({ trigger, children, align = "end", side = "bottom", className }: Props) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align={align}
          side={side}
          sideOffset={6}
          collisionPadding={10}
          className={cx(
            "pop z-40 max-h-(--radix-dropdown-menu-content-available-height) min-w-44 overflow-y-auto rounded-xl border border-line bg-raised p-1 shadow-raised",
            className,
          )}
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface ItemProps {
  children: ReactNode;
  onSelect: () => void;
  checked?: boolean;
  danger?: boolean;
  hint?: string;
}

export function MenuItem({ children, onSelect, checked, danger = false, hint }: ItemProps) {
  const className = cx(
    "flex h-8 cursor-pointer items-center gap-2 rounded-lg px-2 outline-none data-[highlighted]:bg-hover",
    danger && "text-bad",
  );
  const inside = (
    <>
      <span className="flex min-w-0 flex-1 items-center gap-2 truncate">{children}</span>
      {hint && <span className="text-2xs text-muted">{hint}</span>}
      {checked && <Check className="size-3.5 text-accent" aria-hidden />}
    </>
  );
  if (checked === undefined) {
    return (
      <Radix.Item className={className} onSelect={onSelect}>
        {inside}
      </Radix.Item>
    );
  }
  return (
    <Radix.CheckboxItem className={className} checked={checked} onSelect={onSelect}>
      {inside}
    </Radix.CheckboxItem>
  );
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <Radix.Label className="px-2 pt-1.5 pb-1 text-2xs font-medium text-muted">{children}</Radix.Label>;
}

export function MenuLine() {
  return <Radix.Separator className="-mx-1 my-1 h-px bg-line" />;
}
