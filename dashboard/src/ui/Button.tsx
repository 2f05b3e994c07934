import type { ButtonHTMLAttributes, ReactNode } from "react";

import { cx } from "@/lib/classes";

type Look = "primary" | "plain" | "quiet" | "danger";

const LOOKS: Record<Look, string> = {
  primary: "bg-accent text-on-accent hover:brightness-110 font-medium",
  plain: "bg-surface border border-line hover:bg-hover text-ink shadow-card",
  quiet: "text-muted hover:text-ink hover:bg-hover",
  danger: "bg-surface border border-line text-bad hover:bg-bad-soft",
};

export function buttonClass(look: Look = "plain", className?: string): string {
  return cx(
    "inline-flex h-8 items-center justify-center gap-1.5 rounded-lg px-2.5 whitespace-nowrap transition-colors select-none",
    "disabled:opacity-50",
    LOOKS[look],
    className,
  );
}

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
}

export function Button({ look = "plain", className, type = "button", ...rest }: Props) {
  return <button type={type} className={buttonClass(look, className)} {...rest} />;
}

interface IconProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  label: string;
  children: ReactNode;
}

/** A button with an icon only; its name is for screen readers and shown on hover. */
export function IconButton({ label, className, children, ...rest }: IconProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={cx(
        "inline-flex size-8 shrink-0 items-center justify-center rounded-lg text-muted transition-colors hover:bg-hover hover:text-ink",
        className,
      )}
      {...rest}
    >
      {children}
    </button>
  );
}
