"""Who may use a route of the table."""

from starlette.requests import Request

from eventlens.accounts.clients import Client, secret_matches
from eventlens.api.limits import Limits
from eventlens.api.route import Route
from eventlens.api.sender import Headers, address_of, credentials_of, headers_of, peer_of
from eventlens.api.services import Services
from eventlens.errors import Forbidden, Unauthenticated


async def admitted(
    route: Route, request: Request, services: Services, limits: Limits, project_id: str
) -> Client | None:
    """The client behind a request, None on a public route.

    Raises Unauthenticated, Forbidden (wrong type of client, another project), RateLimited.
    """
    headers = headers_of(request.headers.raw)
    proxies = services.settings.trusted_proxies
    peer = peer_of(request.scope)
    if route.access == "public":
        if route.tag != "health":
            limits.spend_stranger(address_of(headers, peer, proxies=proxies, trusted=False))
        return None
    try:
        client = await _authenticated(headers, services)
    except Unauthenticated:
        limits.spend_stranger(address_of(headers, peer, proxies=proxies, trusted=False))
        raise
    if limits.questions is not None:
        limits.questions.spend(client.id)
    if client.type not in (route.access, "root"):
        raise Forbidden(f"This needs a {route.access} or root client; this is a {client.type} client.")
    if project_id and client.project_id != project_id:
        raise Forbidden("This client has no access to that project.")
    return client


async def _authenticated(headers: Headers, services: Services) -> Client:
    credentials = credentials_of(headers)
    if not credentials.client_id:
        raise Unauthenticated(
            "Credentials are missing: send the headers event-lens-client-id and event-lens-client-secret."
        )
    client = await services.clients.find_soon(credentials.client_id)
    if client is None or not secret_matches(client, credentials.client_secret):
        raise Unauthenticated("The client id or secret is wrong.")
    return client
