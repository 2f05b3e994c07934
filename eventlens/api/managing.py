"""What the routes of management share: who may is the action's business, work is done in a thread."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Generic, Literal, TypeVar

import msgspec
from msgspec import UNSET

from eventlens.accounts.management import Management
from eventlens.accounts.rights import Action
from eventlens.api.bodies import read_body
from eventlens.api.route import Access, Call, Handler, Parameter, Route
from eventlens.errors import InvalidInput

T = TypeVar("T")
Body = TypeVar("Body")

_PLACES = (
    Parameter("projectId", "The project's id.", {"type": "string"}, required=True, where="path"),
    Parameter("organisationId", "The organisation's id.", {"type": "string"}, required=True, where="path"),
)


class Managed(msgspec.Struct, Generic[T]):
    """What was asked for, as it is now."""

    data: T


def managed_route(  # noqa: PLR0913  # a row of a table, told apart by keywords
    method: Literal["GET", "POST", "PATCH", "DELETE"],
    path: str,
    handler: Handler,
    summary: str,
    *,
    answer: Any,
    action: Action,
    example: msgspec.Struct | None = None,
    parameters: tuple[Parameter, ...] = (),
    access: Access = "root",
    asks: bool = False,
) -> Route:
    """A route below `/manage`. `answer` is what `data` holds, `example` a body for it."""
    in_path = tuple(parameter for parameter in _PLACES if f"{{{parameter.name}}}" in path)
    return Route(
        method=method,
        path=path,
        handler=handler,
        access=access,
        action=action,
        summary=summary,
        tag="management",
        parameters=(*in_path, *parameters),
        body=None if example is None else type(example),
        example=None if example is None else msgspec.to_builtins(example),
        answer=Managed[answer],
        asks=asks,
    )


def managing(work: Callable[[Management, Call], T]) -> Handler:
    """The handler of a route without a body; `work` runs in a thread."""

    async def handler(call: Call) -> Managed[T]:
        refuse_all_parameters(call)
        return Managed(await asyncio.to_thread(work, call.services.management, call))

    return handler


def changing(
    kind: type[Body], work: Callable[[Management, Call, Body], T], *, optional: bool = False
) -> Handler:
    """The handler of a route whose body is of a kind (`optional`: may be left out)."""

    async def handler(call: Call) -> Managed[T]:
        refuse_all_parameters(call)
        body = await read_body(call.request, kind, optional=optional)
        return Managed(await asyncio.to_thread(work, call.services.management, call, body))

    return handler


def refuse_all_parameters(call: Call) -> None:
    """For routes that take none. Raises InvalidInput."""
    for name in call.request.query_params:
        raise InvalidInput(f"Unknown parameter {name[:64]!r}: this takes none.", field=name[:64])


def parameters_of(call: Call, names: Sequence[str]) -> dict[str, str]:
    """The parameters of the query, each at most once and one of `names`. Raises InvalidInput."""
    found: dict[str, str] = {}
    for name, value in call.request.query_params.multi_items():
        if name not in names:
            raise InvalidInput(
                f"Unknown parameter {name[:64]!r}; one of {', '.join(names)}.", field=name[:64]
            )
        if name in found:
            raise InvalidInput(f"Parameter {name} is given twice.", field=name)
        found[name] = value
    return found


def given(change: msgspec.Struct) -> dict[str, Any]:
    """The fields that a body has; those it leaves out are UNSET."""
    values = {name: getattr(change, name) for name in change.__struct_fields__}
    return {name: value for name, value in values.items() if value is not UNSET}
