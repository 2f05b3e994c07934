import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet } from "@tanstack/react-router";

import { Failed, NotThere } from "@/app/Broken";
import { Shell, Waiting } from "@/app/Shell";
import { Overview } from "@/features/overview/Overview";
import { root as base } from "@/lib/base";
import { readSearch } from "@/lib/search";

const top = createRootRoute({ component: Outlet, validateSearch: readSearch, notFoundComponent: NotThere, errorComponent: Failed });

const signIn = createRoute({
  getParentRoute: () => top,
  path: "sign-in",
  component: lazyRouteComponent(() => import("@/features/account/SignIn"), "SignIn"),
});
// Where links with a token lead; the server says what the token is for.
const followLink = lazyRouteComponent(() => import("@/features/account/Link"), "FollowLink");
const signUp = createRoute({ getParentRoute: () => top, path: "sign-up", component: followLink });
const resetPassword = createRoute({ getParentRoute: () => top, path: "reset-password", component: followLink });
const forgotPassword = createRoute({
  getParentRoute: () => top,
  path: "forgot-password",
  component: lazyRouteComponent(() => import("@/features/account/Forgotten"), "Forgotten"),
});
const share = createRoute({
  getParentRoute: () => top,
  path: "share/$token",
  component: lazyRouteComponent(() => import("@/app/Shared"), "SharedOverview"),
});
const shell = createRoute({ getParentRoute: () => top, id: "shell", component: Shell });
const home = createRoute({
  getParentRoute: () => shell,
  path: "/",
  component: lazyRouteComponent(() => import("@/features/home/Home"), "Home"),
});
const newProject = createRoute({
  getParentRoute: () => shell,
  path: "new",
  component: lazyRouteComponent(() => import("@/features/projects/NewProject"), "NewProject"),
});
const account = createRoute({
  getParentRoute: () => shell,
  path: "account",
  component: lazyRouteComponent(() => import("@/features/account/Account"), "AccountPage"),
});
const organisation = createRoute({
  getParentRoute: () => shell,
  path: "o/$organisationId",
  component: lazyRouteComponent(() => import("@/features/organisation/Organisation"), "Organisation"),
});
const project = createRoute({ getParentRoute: () => shell, path: "p/$projectId" });
const overview = createRoute({ getParentRoute: () => project, path: "/", component: Overview });
const realtime = createRoute({
  getParentRoute: () => project,
  path: "realtime",
  component: lazyRouteComponent(() => import("@/features/realtime/Realtime"), "Realtime"),
});
const events = createRoute({
  getParentRoute: () => project,
  path: "events",
  component: lazyRouteComponent(() => import("@/features/events/Events"), "Events"),
});
const funnels = createRoute({
  getParentRoute: () => project,
  path: "funnels",
  component: lazyRouteComponent(() => import("@/features/funnels/Funnels"), "Funnels"),
});
const retention = createRoute({
  getParentRoute: () => project,
  path: "retention",
  component: lazyRouteComponent(() => import("@/features/retention/Retention"), "Retention"),
});
const paths = createRoute({
  getParentRoute: () => project,
  path: "paths",
  component: lazyRouteComponent(() => import("@/features/paths/Paths"), "Paths"),
});
const revenue = createRoute({
  getParentRoute: () => project,
  path: "revenue",
  component: lazyRouteComponent(() => import("@/features/revenue/Revenue"), "Revenue"),
});
const goals = createRoute({
  getParentRoute: () => project,
  path: "goals",
  component: lazyRouteComponent(() => import("@/features/goals/Goals"), "Goals"),
});
const quality = createRoute({
  getParentRoute: () => project,
  path: "quality",
  component: lazyRouteComponent(() => import("@/features/quality/Quality"), "Quality"),
});
const profiles = createRoute({
  getParentRoute: () => project,
  path: "profiles",
  component: lazyRouteComponent(() => import("@/features/profiles/Profiles"), "Profiles"),
});
const profile = createRoute({
  getParentRoute: () => project,
  path: "profiles/$id",
  component: lazyRouteComponent(() => import("@/features/profiles/Profile"), "Profile"),
});
const sessions = createRoute({
  getParentRoute: () => project,
  path: "sessions",
  component: lazyRouteComponent(() => import("@/features/sessions/Sessions"), "Sessions"),
});
const session = createRoute({
  getParentRoute: () => project,
  path: "sessions/$id",
  component: lazyRouteComponent(() => import("@/features/sessions/Session"), "Session"),
});
const replays = createRoute({
  getParentRoute: () => project,
  path: "replays",
  component: lazyRouteComponent(() => import("@/features/replays/Replays"), "Replays"),
});
const replay = createRoute({
  getParentRoute: () => project,
  path: "replays/$id",
  component: lazyRouteComponent(() => import("@/features/replays/Replay"), "Replay"),
});
const cohorts = createRoute({
  getParentRoute: () => project,
  path: "cohorts",
  component: lazyRouteComponent(() => import("@/features/cohorts/Cohorts"), "Cohorts"),
});
const boards = createRoute({
  getParentRoute: () => project,
  path: "dashboards",
  component: lazyRouteComponent(() => import("@/features/boards/Boards"), "Boards"),
});
const reports = createRoute({
  getParentRoute: () => project,
  path: "reports",
  component: lazyRouteComponent(() => import("@/features/reports/Reports"), "Reports"),
});
const settings = createRoute({
  getParentRoute: () => project,
  path: "settings",
  component: lazyRouteComponent(() => import("@/features/settings/Settings"), "Settings"),
});

const inProject = project.addChildren([
  overview, realtime, events, funnels, retention, paths, revenue, goals, quality, profiles, profile, sessions, session, replays, replay, cohorts, boards, reports, settings,
]);
const tree = top.addChildren([signIn, signUp, resetPassword, forgotPassword, share, shell.addChildren([home, newProject, account, organisation, inProject])]);

export const router = createRouter({
  routeTree: tree,
  basepath: base,
  defaultPreload: "intent",
  defaultPendingComponent: Waiting,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
