"""Who may send: the client behind the credentials, and how far it is trusted."""

from typing import NamedTuple, Protocol

from eventlens.accounts.clients import Client, secret_matches
from eventlens.accounts.origins import origin_allowed
from eventlens.ingest.payload import Refusal

UUID_LENGTH = 36


class Credentials(NamedTuple):
    """What a request says of itself; '' where it says nothing."""

    client_id: str
    client_secret: str
    origin: str


class Admission(NamedTuple):
    """A sender that was let in."""

    client: Client
    trusted: bool
    """The secret was verified: such a sender may state addresses, revenue, and is never taken for a bot."""


class ClientLookup(Protocol):
    """Finds clients by id: `accounts.clients.ClientCache`."""

    def find(self, id: str, /) -> Client | None: ...  # noqa: A002  # the field's name


def admit(credentials: Credentials, clients: ClientLookup) -> Admission | Refusal:
    """Let a sender in, or say why not (codes: `credentials` 401, `client_type` 403)."""
    if not credentials.client_id:
        return Refusal("credentials", "Missing client id")
    if not _is_uuid(credentials.client_id):
        return Refusal("credentials", "Client ID must be a valid UUIDv4")
    client = clients.find(credentials.client_id)
    if client is None:
        return Refusal("credentials", "Invalid client id")
    if not client.project_id:
        return Refusal("credentials", "Client has no project")
    trusted = bool(credentials.client_secret) and secret_matches(client, credentials.client_secret)
    allowed = trusted or client.ignore_cors_and_secret or origin_allowed(client.origins, credentials.origin)
    if not allowed:
        return Refusal("credentials", "Invalid cors or secret")
    if client.type == "read":
        return Refusal("client_type", "A read client cannot send events; use a write client")
    return Admission(client, trusted)


def _is_uuid(text: str) -> bool:
    if len(text) != UUID_LENGTH or text[8] + text[13] + text[18] + text[23] != "----":
        return False
    return all(part.isalnum() and part.isascii() for part in text.split("-")) and _is_hex(
        text.replace("-", "")
    )


def _is_hex(text: str) -> bool:
    try:
        int(text, 16)
    except ValueError:
        return False
    return True
