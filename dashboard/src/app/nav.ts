import { LayoutDashboard, type LucideIcon } from "lucide-react";

export type PageName = "overview";

interface Entry {
  name: PageName;
  to: string;
  icon: LucideIcon;
  /** Pressed after G, it leads there. */
  key: string;
}

export const NAV: readonly { title: "explore" | "people" | "project" | null; entries: readonly Entry[] }[] = [
  { title: null, entries: [{ name: "overview", to: "/p/$projectId", icon: LayoutDashboard, key: "o" }] },
];

export const ENTRIES = NAV.flatMap((group) => group.entries);
