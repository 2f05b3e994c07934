/** A country's two letters as a small mark; flags of emoji are missing on many systems. */
export function CountryCode({ code }: { code: string }) {
  return (
    <span
      aria-hidden
      className="inline-flex h-4 w-6 shrink-0 items-center justify-center rounded-[3px] border border-line-strong font-mono text-[9px] font-medium tracking-wide text-muted"
    >
      {code}
    </span>
  );
}
