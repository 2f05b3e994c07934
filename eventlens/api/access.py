"""Who may use a route of the table."""

import asyncio
from collections.abc import Mapping

from starlette.requests import Request

from eventlens.accounts.clients import Client, secret_matches
from eventlens.accounts.rights import RIGHTS, client_may
from eventlens.api.caller import Caller
from eventlens.api.cookies import SESSION, cookie_of
from eventlens.api.limits import Limits
from eventlens.api.route import Route
from eventlens.api.sender import Headers, address_of, credentials_of, headers_of, peer_of
from eventlens.api.services import Services
from eventlens.api.sharing import SHARE_HEADER, check_share, shared_by
from eventlens.errors import Forbidden, Unauthenticated

CSRF_HEADER = "event-lens-csrf"
"""With it, a page of ours shows that it is one: it knows what `GET /auth/me` says."""

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_MISSING = (
    "Credentials are missing: sign in, or send the headers event-lens-client-id and event-lens-client-secret."
)


async def admitted(route: Route, request: Request, services: Services, limits: Limits) -> Caller | None:
    """Whoever a request comes from, None on a public route.

    Raises Unauthenticated, Forbidden (no right to this, or another project), RateLimited.
    """
    headers = headers_of(request.headers.raw)
    proxies = services.settings.trusted_proxies
    peer = peer_of(request.scope)
    if route.access == "public":
        if route.tag not in ("health", "watching"):
            limits.spend_stranger(address_of(headers, peer, proxies=proxies, trusted=False))
        return None
    try:
        caller = await _authenticated(headers, services, request.method)
    except Unauthenticated:
        limits.spend_stranger(address_of(headers, peer, proxies=proxies, trusted=False))
        raise
    if limits.questions is not None:
        limits.questions.spend(caller.id)
    if caller.share is not None:
        check_share(route, caller.share, request)
        return caller
    if caller.client is not None:
        _check_client(route, caller.client, request.path_params.get("projectId", ""))
        return caller
    return await asyncio.to_thread(_check_user, route, caller, services, request.path_params)


async def _authenticated(headers: Headers, services: Services, method: str) -> Caller:
    credentials = credentials_of(headers)
    if credentials.client_id:
        client = await services.clients.find_soon(credentials.client_id)
        if client is None or not secret_matches(client, credentials.client_secret):
            raise Unauthenticated("The client id or secret is wrong.")
        return Caller(id=client.id, name=client.name, client=client)
    bearer = headers.get(b"authorization", b"")
    if bearer[:7].lower() == b"bearer ":
        return await asyncio.to_thread(_by_token, services, bearer[7:].strip().decode("latin-1"))
    if SHARE_HEADER.encode() in headers:
        return await asyncio.to_thread(_by_share, services, headers)
    token = cookie_of(headers, SESSION)
    if not token:
        raise Unauthenticated(_MISSING)
    found = await asyncio.to_thread(services.people.sign_ins.find, token)
    if found is None:
        raise Unauthenticated("You are not signed in any more; sign in again.")
    sign_in, user = found
    if method not in _SAFE:
        _check_csrf(headers, services, token)
    return Caller(id=sign_in.id, name=user.email, user=user, sign_in=sign_in)


def _by_token(services: Services, token: str) -> Caller:
    found = services.people.api_tokens.find(token)
    if found is None:
        raise Unauthenticated("This token is wrong, was revoked or has expired.")
    api_token, user = found
    return Caller(id=api_token.id, name=user.email, user=user, scopes=frozenset(api_token.scopes))


def _by_share(services: Services, headers: Headers) -> Caller:
    share = shared_by(headers, services.people.shares)
    if share is None:
        raise Unauthenticated("This link was taken back, is too old, or needs its password.")
    return Caller(id=f"share {share.id}", name=share.name, share=share)


def csrf_of(services: Services, token: str) -> str:
    """What a page has to send along with whatever changes something, for that sign-in."""
    return services.people.signer.mac("csrf", token)


def _check_csrf(headers: Headers, services: Services, token: str) -> None:
    shown = headers.get(CSRF_HEADER.encode(), b"").decode("latin-1")
    if not services.people.signer.fits("csrf", token, shown):
        raise Forbidden(f"The header {CSRF_HEADER} is missing or wrong: it is what GET /auth/me says.")


def _check_client(route: Route, client: Client, project_id: str) -> None:
    if route.action is None or route.access in ("user", "session"):
        raise Forbidden("This is for people who sign in, not for clients.")
    if not client_may(client.type, route.action):
        raise Forbidden(f"This needs a {route.access} or root client; this is a {client.type} client.")
    if project_id and client.project_id != project_id:
        raise Forbidden("This client has no access to that project.")


def _check_user(route: Route, caller: Caller, services: Services, in_path: Mapping[str, str]) -> Caller:
    """The caller with the role that they have in the place of the path. Raises Forbidden."""
    assert caller.user is not None  # else it is a client
    if route.access == "session" and caller.sign_in is None:
        raise Forbidden("This can be done only by somebody who is signed in, not with a token.")
    if route.action is None:
        return caller
    if not caller.in_scope(route.action):
        raise Forbidden(f"This token lacks the scope {RIGHTS[route.action].scope}.")
    members = services.people.members
    if "projectId" in in_path:
        caller = caller.as_role(members.role(caller.user, in_path["projectId"]))
        place = "project"
    elif "organisationId" in in_path:
        caller = caller.as_role(members.role_in(caller.user, in_path["organisationId"]))
        place = "organisation"
    else:
        return caller  # the handler knows which places it concerns
    if caller.role is None:
        raise Forbidden(f"You have no access to that {place}.")
    if not caller.may(route.action):
        least = RIGHTS[route.action].least
        raise Forbidden(f"This needs the role {least} in the {place}; yours is {caller.role}.")
    return caller
