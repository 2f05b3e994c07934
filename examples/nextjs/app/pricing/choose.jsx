"use client";

import { useEventLens } from "@event-lens/nextjs";

export function Choose() {
  const eventlens = useEventLens();
  return <button id="choose" onClick={() => eventlens.track("plan_chosen", { plan: "team" })}>Choose</button>;
}
