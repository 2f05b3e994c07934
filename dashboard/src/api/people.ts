/** One's own account, members, invitations, the audit log: as query options, and what changes them. */

import { queryOptions } from "@tanstack/react-query";

import { api, body } from "@/api/client";
import type { components } from "@/api/schema";

type Schemas = components["schemas"];
export type BrowserSession = Schemas["Session"];
export type ApiToken = Schemas["ApiToken"];
export type AuditEntry = Schemas["Entry"];
export type Member = Schemas["Member"];
export type Role = Member["role"];
export type Invitation = Schemas["OpenInvitation"];
export type Scope = Schemas["NewToken"]["scopes"][number];
export type Enrolment = Schemas["Enrolment"];
export type CreatedProject = Schemas["CreatedProject"];
export type Usage = Schemas["Usage"];

export const ROLES: readonly Role[] = ["owner", "admin", "editor", "viewer"];

// --- one's own account ---

export const signInOptions = () =>
  queryOptions({ queryKey: ["auth", "options"], queryFn: () => body(api.GET("/auth/options")), staleTime: Infinity });

export const browserSessions = () => queryOptions({ queryKey: ["auth", "sessions"], queryFn: () => body(api.GET("/auth/sessions")) });
export const apiTokens = () => queryOptions({ queryKey: ["auth", "tokens"], queryFn: () => body(api.GET("/auth/tokens")) });
export const ownAudit = () => queryOptions({ queryKey: ["auth", "audit"], queryFn: () => body(api.GET("/auth/audit")) });

export const identities = () => queryOptions({ queryKey: ["auth", "identities"], queryFn: () => body(api.GET("/auth/identities")) });

export const signInWith = (provider: string, next: string, invitation: string) => body(api.POST("/auth/oauth/{provider}", { params: { path: { provider } }, body: { next, invitation } }));
export const connectProvider = (provider: string) => body(api.POST("/auth/identities/{provider}", { params: { path: { provider } } }));
export const disconnectProvider = (provider: string) => body(api.DELETE("/auth/identities/{provider}", { params: { path: { provider } } }));
export const forgotten = (email: string) => body(api.POST("/auth/forgotten", { body: { email } }));
export const acceptInvitation = (token: string) => body(api.POST("/auth/invitations/accept", { body: { token } }));
export const changeAccount = (change: { name?: string; email?: string; password?: string }) => body(api.PATCH("/auth/me", { body: change }));
export const changePassword = (password: string, fresh: string) => body(api.POST("/auth/me/password", { body: { password, new_password: fresh } }));
export const deleteAccount = (password: string) => body(api.POST("/auth/me/delete", { body: { password } }));
export const beginTwoFactor = (password: string) => body(api.POST("/auth/me/two-factor", { body: { password } }));
export const confirmTwoFactor = (code: string) => body(api.POST("/auth/me/two-factor/confirm", { body: { code } }));
export const endTwoFactor = (password: string, code: string) => body(api.POST("/auth/me/two-factor/off", { body: { password, code } }));
export const endSession = (sessionId: string) => body(api.DELETE("/auth/sessions/{sessionId}", { params: { path: { sessionId } } }));
export const endOtherSessions = () => body(api.DELETE("/auth/sessions"));
export const addToken = (name: string, scopes: Scope[], days: number | null) => body(api.POST("/auth/tokens", { body: { name, scopes, days } }));
export const revokeToken = (tokenId: string) => body(api.DELETE("/auth/tokens/{tokenId}", { params: { path: { tokenId } } }));

// --- projects and organisations ---

export const usage = () =>
  queryOptions({ queryKey: ["manage", "usage"], queryFn: ({ signal }) => body(api.GET("/manage/usage", { signal })), staleTime: 60_000 });

export const createProject = (project: Schemas["NewProjectBody"]) => body(api.POST("/manage/projects", { body: project }));
export const removeProject = (projectId: string, name: string) =>
  body(api.POST("/manage/projects/{projectId}/delete", { params: { path: { projectId } }, body: { name } }));
export const renameOrganisation = (organisationId: string, name: string) =>
  body(api.PATCH("/manage/organisations/{organisationId}", { params: { path: { organisationId } }, body: { name } }));

/** Where somebody is a member: a whole organisation, or one project of it. */
export type Place = { projectId: string } | { organisationId: string };

function isProject(place: Place): place is { projectId: string } {
  return "projectId" in place;
}

const PROJECT = "/manage/projects/{projectId}";
const ORGANISATION = "/manage/organisations/{organisationId}";

export const members = (place: Place) =>
  queryOptions({
    queryKey: ["manage", place, "members"],
    queryFn: () => (isProject(place) ? body(api.GET(`${PROJECT}/members`, { params: { path: place } })) : body(api.GET(`${ORGANISATION}/members`, { params: { path: place } }))),
  });

export const invitations = (place: Place) =>
  queryOptions({
    queryKey: ["manage", place, "invitations"],
    queryFn: () =>
      isProject(place) ? body(api.GET(`${PROJECT}/invitations`, { params: { path: place } })) : body(api.GET(`${ORGANISATION}/invitations`, { params: { path: place } })),
  });

export const audit = (place: Place) =>
  queryOptions({
    queryKey: ["manage", place, "audit"],
    queryFn: () => (isProject(place) ? body(api.GET(`${PROJECT}/audit`, { params: { path: place } })) : body(api.GET(`${ORGANISATION}/audit`, { params: { path: place } }))),
  });

export const setRole = (place: Place, userId: string, role: Role) =>
  isProject(place)
    ? body(api.PATCH(`${PROJECT}/members/{userId}`, { params: { path: { ...place, userId } }, body: { role } }))
    : body(api.PATCH(`${ORGANISATION}/members/{userId}`, { params: { path: { ...place, userId } }, body: { role } }));

export const removeMember = (place: Place, userId: string) =>
  isProject(place)
    ? body(api.DELETE(`${PROJECT}/members/{userId}`, { params: { path: { ...place, userId } } }))
    : body(api.DELETE(`${ORGANISATION}/members/{userId}`, { params: { path: { ...place, userId } } }));

export const invite = (place: Place, role: Role, email: string) =>
  isProject(place)
    ? body(api.POST(`${PROJECT}/invitations`, { params: { path: place }, body: { role, email } }))
    : body(api.POST(`${ORGANISATION}/invitations`, { params: { path: place }, body: { role, email } }));

export const withdraw = (place: Place, invitationId: string) =>
  isProject(place)
    ? body(api.DELETE(`${PROJECT}/invitations/{invitationId}`, { params: { path: { ...place, invitationId } } }))
    : body(api.DELETE(`${ORGANISATION}/invitations/{invitationId}`, { params: { path: { ...place, invitationId } } }));
