"""`/manage/projects/{projectId}/clients`: who may send to a project and ask about it."""

from dataclasses import replace
from datetime import datetime

import msgspec
from msgspec import UNSET, UnsetType, structs

from eventlens.accounts.clients import Client, ClientType
from eventlens.accounts.management import Management
from eventlens.api.managing import changing, given, managed_route, managing
from eventlens.api.route import Call, Parameter
from eventlens.errors import NotFound

_ALL = "/manage/projects/{projectId}/clients"
_ONE = "/manage/projects/{projectId}/clients/{clientId}"
_CLIENT = (Parameter("clientId", "The client's id.", {"type": "string"}, required=True, where="path"),)


class ClientRow(msgspec.Struct):
    """A client. Pages of its `origins` may send with its id alone."""

    id: str
    project_id: str
    name: str
    type: ClientType
    origins: tuple[str, ...]
    ignore_cors_and_secret: bool
    created_at: datetime
    revoked: bool
    old_secret_taken: bool
    """The secret before the last rotation is still taken."""


class ClientWithSecret(ClientRow):
    """A client and its secret, which is shown this once: only its hash is kept."""

    secret: str


class NewClient(msgspec.Struct, forbid_unknown_fields=True):
    """A client to add; an origin is https://a.example, https://*.a.example, a.example or *."""

    type: ClientType
    name: str = ""
    origins: list[str] = []
    ignore_cors_and_secret: bool = False


class ClientChange(msgspec.Struct, forbid_unknown_fields=True):
    """What is to change of a client; what is left out stays."""

    name: str | UnsetType = UNSET
    origins: list[str] | UnsetType = UNSET
    ignore_cors_and_secret: bool | UnsetType = UNSET


class Rotation(msgspec.Struct, forbid_unknown_fields=True):
    """For how many seconds the old secret is still taken: at most 30 days."""

    grace_seconds: int = 0


def _row(client: Client) -> ClientRow:
    return ClientRow(
        id=client.id,
        project_id=client.project_id,
        name=client.name,
        type=client.type,
        origins=client.origins,
        ignore_cors_and_secret=client.ignore_cors_and_secret,
        created_at=client.created_at,
        revoked=client.revoked,
        old_secret_taken=bool(client.old_secret_hash),
    )


def _with_secret(client: Client, secret: str) -> ClientWithSecret:
    return ClientWithSecret(**structs.asdict(_row(client)), secret=secret)


def _own(management: Management, call: Call) -> Client:
    """The client of the path; another project's is as unknown as none."""
    found = management.clients.find(call.request.path_params["clientId"])
    if found is None or found.project_id != call.project_id:
        raise NotFound("There is no such client.")
    return found


def _list(management: Management, call: Call) -> list[ClientRow]:
    return [_row(client) for client in management.clients.list(call.project_id)]


def _add(management: Management, call: Call, new: NewClient) -> ClientWithSecret:
    client, secret = management.clients.create(
        call.project_id,
        new.type,
        new.name,
        new.origins,
        ignore_cors_and_secret=new.ignore_cors_and_secret,
    )
    return _with_secret(client, secret)


def _change(management: Management, call: Call, change: ClientChange) -> ClientRow:
    return _row(management.clients.update(_own(management, call).id, **given(change)))


def _rotate(management: Management, call: Call, rotation: Rotation) -> ClientWithSecret:
    client = _own(management, call)
    secret = management.clients.rotate(client.id, rotation.grace_seconds)
    return _with_secret(management.clients.find(client.id) or client, secret)


def _revoke(management: Management, call: Call) -> ClientRow:
    client = _own(management, call)
    management.clients.revoke(client.id)
    return _row(replace(client, revoked=True))


ROUTES = (
    managed_route(
        "GET",
        _ALL,
        managing(_list),
        "A project's clients, revoked ones too",
        answer=list[ClientRow],
        action="clients.read",
    ),
    managed_route(
        "POST",
        _ALL,
        changing(NewClient, _add),
        "Add a client; its secret is shown once",
        example=NewClient("write", "Web", ["https://*.example.com"]),
        answer=ClientWithSecret,
        action="clients.write",
    ),
    managed_route(
        "PATCH",
        _ONE,
        changing(ClientChange, _change),
        "Change a client's name, whose pages may use it, or whether it needs a secret at all",
        example=ClientChange(origins=["https://example.com"]),
        answer=ClientRow,
        parameters=_CLIENT,
        action="clients.write",
    ),
    managed_route(
        "POST",
        _ONE + "/rotate",
        changing(Rotation, _rotate, optional=True),
        "Give a client a new secret, shown once; the old one may be taken for a while",
        example=Rotation(grace_seconds=3600),
        answer=ClientWithSecret,
        parameters=_CLIENT,
        action="clients.write",
    ),
    managed_route(
        "DELETE",
        _ONE,
        managing(_revoke),
        "Revoke a client for good",
        answer=ClientRow,
        parameters=_CLIENT,
        action="clients.write",
    ),
)
