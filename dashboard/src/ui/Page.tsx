import type { ReactNode } from "react";

interface Props {
  title: string;
  children: ReactNode;
  /** Beside the title: counts and the like. */
  aside?: ReactNode;
  /** At the right: what steers the page. */
  controls?: ReactNode;
  below?: ReactNode;
}

/** A page: its heading with what steers it stays in sight, content scrolls below. */
export function Page({ title, children, aside, controls, below }: Props) {
  return (
    <>
      <header className="sticky top-0 z-20 -mx-3 border-b border-transparent bg-page/85 px-3 py-2.5 backdrop-blur-md sm:-mx-6 sm:px-6">
        <div className="flex min-h-8 flex-wrap items-center gap-x-3 gap-y-2">
          <h1 className="text-[15px] font-semibold tracking-[-0.01em]">{title}</h1>
          {aside}
          {controls && <div className="ml-auto flex flex-wrap items-center gap-1.5">{controls}</div>}
        </div>
        {below}
      </header>
      <div className="pt-1.5 pb-10">{children}</div>
    </>
  );
}

interface CardProps {
  title?: ReactNode;
  controls?: ReactNode;
  children: ReactNode;
  className?: string;
}

export function Card({ title, controls, children, className }: CardProps) {
  return (
    <section className={`card min-w-0 ${className ?? ""}`}>
      {(title || controls) && (
        <header className="flex min-h-11 items-center gap-2 border-b border-line py-1.5 pr-2 pl-4">
          {typeof title === "string" ? <h2 className="truncate font-semibold">{title}</h2> : title}
          {controls && <div className="ml-auto flex shrink-0 items-center gap-1">{controls}</div>}
        </header>
      )}
      {children}
    </section>
  );
}
