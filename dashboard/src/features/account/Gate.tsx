import type { ReactNode } from "react";

import { Logo } from "@/ui/Logo";

/** The frame of the pages before one is signed in. */
export function Gate({ title, hint, children }: { title: string; hint?: string; children: ReactNode }) {
  return (
    <main id="content" className="flex min-h-dvh items-center justify-center p-4">
      <div className="w-full max-w-[340px] pb-[10vh]">
        <div className="mb-5 flex flex-col items-center gap-3 text-center">
          <Logo className="size-10" />
          <h1 className="text-lg font-semibold tracking-[-0.015em]">{title}</h1>
          {hint && <p className="text-muted">{hint}</p>}
        </div>
        <div className="card p-5">{children}</div>
      </div>
    </main>
  );
}
