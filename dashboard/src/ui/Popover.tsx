import * as Radix from "@radix-ui/react-popover";
import type { ReactNode } from "react";

import { cx } from "@/lib/classes";

interface Props {
  trigger: ReactNode;
  label: string;
  children: ReactNode;
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  align?: "start" | "center" | "end";
  className?: string;
}

/** Content that opens beside a button; Escape or a click outside closes it. */
export function Popover({ trigger, label, children, open, onOpenChange, align = "end", className }: Props) {
  return (
    <Radix.Root {...(open === undefined ? {} : { open })} {...(onOpenChange ? { onOpenChange } : {})}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          aria-label={label}
          align={align}
          sideOffset={6}
          collisionPadding={10}
          className={cx(
            "pop z-40 max-h-(--radix-popover-content-available-height) max-w-[calc(100vw-20px)] overflow-y-auto rounded-xl border border-line bg-raised shadow-raised outline-none",
            className,
          )}
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
