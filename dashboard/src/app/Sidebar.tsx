import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Building2, ChevronsUpDown, CircleUserRound, LayoutGrid, Plus, Search, UserRoundCog } from "lucide-react";
import { useTranslation } from "react-i18next";

import { session, signOut } from "@/api/session";
import { NAV } from "@/app/nav";
import { root } from "@/lib/base";
import { cx } from "@/lib/classes";
import { LANGUAGES, setLanguage, type Language } from "@/lib/i18n";
import { kept, useAddress, useProjectId } from "@/lib/search";
import { setTheme, useTheme } from "@/lib/theme";
import { Logo } from "@/ui/Logo";
import { Menu, MenuItem, MenuLabel, MenuLine } from "@/ui/Menu";

const ROW = "flex h-8 items-center gap-2.5 rounded-lg px-2.5 text-muted transition-colors hover:bg-hover hover:text-ink focus-visible:-outline-offset-2";

/** Projects, pages, and the account below. */
export function Sidebar({ onSearch, onGo }: { onSearch: () => void; onGo?: () => void }) {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const [search] = useAddress();
  return (
    <div className="flex h-full flex-col gap-1 p-2.5">
      <ProjectSwitch />
      <button type="button" onClick={onSearch} className={cx(ROW, "mb-1 border border-line bg-surface shadow-card")}>
        <Search className="size-3.5" aria-hidden />
        <span className="flex-1 text-left">{t("common.search")}</span>
        <kbd className="font-sans text-2xs" aria-hidden>⌘K</kbd>
      </button>
      <nav aria-label={t("nav.main")} className="min-h-0 flex-1 overflow-y-auto">
        {projectId ? (
          NAV.map((group) => (
            <div key={group.title ?? ""} className="mb-2.5">
              {group.title && <h2 className="px-2.5 pt-1 pb-1 text-2xs font-medium text-muted">{t(`nav.${group.title}`)}</h2>}
              <ul className="flex flex-col gap-px">
                {group.entries.map((entry) => (
                  <li key={entry.name}>
                    <Link
                      to={entry.to}
                      params={{ projectId }}
                      search={kept(search)}
                      activeOptions={{ exact: entry.name === "overview", includeSearch: false }}
                      activeProps={{ className: "bg-hover font-medium text-ink!" }}
                      className={ROW}
                      {...(onGo ? { onClick: onGo } : {})}
                    >
                      <entry.icon className="size-4 shrink-0" strokeWidth={1.75} aria-hidden />
                      {t(`nav.${entry.name}`)}
                    </Link>
                  </li>
                ))}
              </ul>
            </div>
          ))
        ) : (
          <Elsewhere {...(onGo ? { onGo } : {})} />
        )}
      </nav>
      <AccountMenu />
    </div>
  );
}

/** Pages that belong to no project. */
function Elsewhere({ onGo }: { onGo?: () => void }) {
  const { t } = useTranslation();
  const { data } = useQuery(session());
  const link = { activeOptions: { exact: true, includeSearch: false }, activeProps: { className: "bg-hover font-medium text-ink!" }, className: ROW, ...(onGo ? { onClick: onGo } : {}) };
  return (
    <ul className="flex flex-col gap-px">
      <li>
        <Link to="/" {...link}>
          <LayoutGrid className="size-4 shrink-0" strokeWidth={1.75} aria-hidden />
          {t("nav.home")}
        </Link>
      </li>
      {data?.organisations.map((each) => (
        <li key={each.id}>
          <Link to="/o/$organisationId" params={{ organisationId: each.id }} {...link}>
            <Building2 className="size-4 shrink-0" strokeWidth={1.75} aria-hidden />
            <span className="truncate">{each.name}</span>
          </Link>
        </li>
      ))}
      {data?.user && (
        <li>
          <Link to="/account" {...link}>
            <UserRoundCog className="size-4 shrink-0" strokeWidth={1.75} aria-hidden />
            {t("me.title")}
          </Link>
        </li>
      )}
    </ul>
  );
}

function ProjectSwitch() {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const navigate = useNavigate();
  const query = useQuery(session());
  const projects = query.data?.projects ?? [];
  const current = projects.find((each) => each.id === projectId);
  const name = current?.name ?? (query.isPending ? "" : projectId || "Event Lens");
  return (
    <Menu
      align="start"
      className="w-56"
      trigger={
        <button type="button" aria-label={`${name}, ${t("nav.switch")}`} className="mb-1 flex h-10 items-center gap-2.5 rounded-lg px-1.5 text-left transition-colors hover:bg-hover">
          <Logo className="size-7 shrink-0" />
          <span className="min-w-0 flex-1 truncate font-semibold">{name}</span>
          <ChevronsUpDown className="size-3.5 shrink-0 text-muted" aria-hidden />
        </button>
      }
    >
      {projects.map((each) => (
        <MenuItem key={each.id} checked={each.id === projectId} onSelect={() => void navigate({ to: "/p/$projectId", params: { projectId: each.id } })}>
          <span className="truncate">{each.name}</span>
        </MenuItem>
      ))}
      {projects.length > 0 && <MenuLine />}
      <MenuItem onSelect={() => void navigate({ to: "/" })}>
        <LayoutGrid className="size-4 text-muted" aria-hidden />
        {t("nav.home")}
      </MenuItem>
      {query.data?.organisations.some((each) => each.rights.includes("project.create")) && (
        <MenuItem onSelect={() => void navigate({ to: "/new" })}>
          <Plus className="size-4 text-muted" aria-hidden />
          {t("home.new")}
        </MenuItem>
      )}
    </Menu>
  );
}

function AccountMenu() {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const theme = useTheme();
  const query = useQuery(session());
  const user = query.data?.user;
  const name = user ? user.name || user.email : t("account.theme");
  return (
    <Menu
      align="start"
      side="top"
      className="w-56"
      trigger={
        <button type="button" className={ROW} aria-label={`${name}, ${t("account.menu")}`}>
          <CircleUserRound className="size-4 shrink-0" strokeWidth={1.75} aria-hidden />
          <span className="min-w-0 flex-1 truncate text-left">{name}</span>
        </button>
      }
    >
      <MenuLabel>{t("account.theme")}</MenuLabel>
      {(["light", "dark", "system"] as const).map((each) => (
        <MenuItem key={each} checked={theme === each} onSelect={() => { setTheme(each); }}>
          {t(`account.${each}`)}
        </MenuItem>
      ))}
      <MenuLine />
      <MenuLabel>{t("account.language")}</MenuLabel>
      {(Object.keys(LANGUAGES) as Language[]).map((each) => (
        <MenuItem key={each} checked={i18n.language === each} onSelect={() => { setLanguage(each); }}>
          {LANGUAGES[each]}
        </MenuItem>
      ))}
      <MenuLine />
      {user && <MenuItem onSelect={() => void navigate({ to: "/account" })}>{t("me.manage")}</MenuItem>}
      <MenuItem onSelect={() => { window.open(`${root}docs`, "_blank", "noopener"); }}>{t("nav.docs")}</MenuItem>
      {user && (
        <MenuItem
          onSelect={() => {
            void signOut().then(() => {
              client.clear();
              window.location.assign(`${root}sign-in`);
            });
          }}
        >
          {t("account.signOut")}
        </MenuItem>
      )}
    </Menu>
  );
}
