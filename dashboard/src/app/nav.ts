import {
  Activity, BadgeDollarSign, Bookmark, ChartNoAxesColumn, Clapperboard, Filter, Gauge, Grid3x3, History, LayoutDashboard, LayoutTemplate, Settings, Target, Users, UsersRound, Waypoints,
  type LucideIcon,
} from "lucide-react";

export type PageName =
  | "overview" | "realtime" | "events" | "funnels" | "retention" | "paths" | "profiles" | "sessions" | "cohorts" | "revenue" | "goals" | "quality" | "boards" | "replays"
  | "reports" | "settings";

interface Entry {
  name: PageName;
  to: string;
  icon: LucideIcon;
  /** Pressed after G, it leads there. */
  key: string;
}

export const NAV: readonly { title: "explore" | "people" | "project" | null; entries: readonly Entry[] }[] = [
  {
    title: null,
    entries: [
      { name: "overview", to: "/p/$projectId", icon: LayoutDashboard, key: "o" },
      { name: "realtime", to: "/p/$projectId/realtime", icon: Activity, key: "t" },
    ],
  },
  {
    title: "explore",
    entries: [
      { name: "events", to: "/p/$projectId/events", icon: ChartNoAxesColumn, key: "e" },
      { name: "funnels", to: "/p/$projectId/funnels", icon: Filter, key: "f" },
      { name: "retention", to: "/p/$projectId/retention", icon: Grid3x3, key: "r" },
      { name: "paths", to: "/p/$projectId/paths", icon: Waypoints, key: "a" },
      { name: "revenue", to: "/p/$projectId/revenue", icon: BadgeDollarSign, key: "m" },
      { name: "goals", to: "/p/$projectId/goals", icon: Target, key: "g" },
      { name: "quality", to: "/p/$projectId/quality", icon: Gauge, key: "h" },
    ],
  },
  {
    title: "people",
    entries: [
      { name: "profiles", to: "/p/$projectId/profiles", icon: UsersRound, key: "p" },
      { name: "sessions", to: "/p/$projectId/sessions", icon: History, key: "s" },
      { name: "replays", to: "/p/$projectId/replays", icon: Clapperboard, key: "v" },
      { name: "cohorts", to: "/p/$projectId/cohorts", icon: Users, key: "c" },
    ],
  },
  {
    title: "project",
    entries: [
      { name: "boards", to: "/p/$projectId/dashboards", icon: LayoutTemplate, key: "b" },
      { name: "reports", to: "/p/$projectId/reports", icon: Bookmark, key: "l" },
      { name: "settings", to: "/p/$projectId/settings", icon: Settings, key: "," },
    ],
  },
];

export const ENTRIES = NAV.flatMap((group) => group.entries);
