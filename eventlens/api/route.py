"""What a route is. `app.py` lists them all; OpenAPI, docs and access tests are made from the list."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from starlette.requests import Request

from eventlens.accounts.rights import Action
from eventlens.api.caller import Caller
from eventlens.api.limits import Limits
from eventlens.api.services import Services

Access = Literal["public", "read", "root", "user", "session"]
"""Who may call: anybody; a client of that type (a root client may all) or a user with the right to the
route's action; no client but any user with that right; nobody but a user in their own browser."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter as OpenAPI wants it: `schema` is a JSON Schema."""

    name: str
    description: str
    schema: dict[str, Any]
    required: bool = False
    where: Literal["query", "path", "header"] = "query"


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a handler: who asks, for which project (from the path), with what."""

    request: Request
    services: Services
    limits: Limits
    caller: Caller | None
    project_id: str

    @property
    def who(self) -> Caller:
        """Who asks, on a route that is not public."""
        assert self.caller is not None  # no route that uses it is public
        return self.caller


Handler = Callable[[Call], Awaitable[Any]]
"""Returns something msgspec can encode as JSON, or a Starlette Response."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One method on one path: who may call it, what it takes and gives."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str
    handler: Handler
    access: Access
    action: Action | None = None
    """What it does, for the table of rights; None where everybody whom `access` names may."""
    summary: str
    tag: str
    parameters: tuple[Parameter, ...] = ()
    body: Any = None
    """The msgspec type of the request's JSON body."""
    example: Any = None
    """Such a body, for the documentation; wherever there is a body."""
    answer: Any = None
    """The msgspec type of the answer's JSON body, for the documentation."""
    asks: bool = False
    """Whether a route of management asks the event store too, as those of `insights` do."""
    media: str = "application/json"
    """What an answer is, where it is no JSON body of such a type."""
    leads_on: bool = False
    """Whether it leads a browser on to a page, with 303, whatever happened."""
