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
const link = createRoute({
  getParentRoute: () => top,
  path: "link",
  component: lazyRouteComponent(() => import("@/features/account/Link"), "FollowLink"),
});
const shell = createRoute({ getParentRoute: () => top, id: "shell", component: Shell });
const home = createRoute({
  getParentRoute: () => shell,
  path: "/",
  component: lazyRouteComponent(() => import("@/features/home/Home"), "Home"),
});
const project = createRoute({ getParentRoute: () => shell, path: "p/$projectId" });
const overview = createRoute({ getParentRoute: () => project, path: "/", component: Overview });

const tree = top.addChildren([signIn, link, shell.addChildren([home, project.addChildren([overview])])]);

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
