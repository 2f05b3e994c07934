"""A saved question: the name of a route of `/insights/{projectId}/…` with parameters or a body.

It is asked by the very handler of its route, so what it may say is what the route may be asked, and its
answer is the route's answer.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote, urlencode

import msgspec
from msgspec import UNSET, Struct, UnsetType
from starlette.requests import Request
from starlette.types import Message

from eventlens.api.insights.asking import Asked
from eventlens.api.route import Call, Route
from eventlens.errors import InvalidInput, NotFound
from eventlens.insights.answers import tells_of_parts
from eventlens.store.tickets import asking

_BEFORE = "/insights/{projectId}/"
_NO_REPORT = ("reports", "export", "cohorts", "replays")
"""First words of routes that are no questions with numbers as answers."""
MOST_PARAMETERS = 30
LONGEST_NAME = 200

SPAN = ("range", "startDate", "endDate")


class SavedQuestion(Struct, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """`route` as after `/insights/{projectId}/`, such as `timeseries` or `funnel`, and what it is asked.

    `parameters` are those of a GET route (`filters` may be JSON as it is); `body` is that of a POST route.
    """

    route: str
    parameters: dict[str, Any] | UnsetType = UNSET
    body: dict[str, Any] | UnsetType = UNSET


@dataclass(frozen=True, slots=True)
class _Found:
    route: Route
    in_path: dict[str, str]


def askable(routes: Sequence[Route]) -> list[Route]:
    """The routes that may be saved as questions."""
    return [route for route in routes if _is_question(route)]


def _is_question(route: Route) -> bool:
    if route.access != "read" or route.path.removeprefix(_BEFORE).partition("/")[0] in _NO_REPORT:
        return False
    if route.method == "POST":
        return isinstance(route.body, type) and issubclass(route.body, Asked)
    return route.method == "GET"


async def ask(
    call: Call, routes: Sequence[Route], question: SavedQuestion, anew: dict[str, str] | None = None
) -> Any:
    """The answer of the question's route, as the route gives it. Raises InvalidInput with the field.

    `anew` are parameters that take the place of the saved ones.
    """
    found = _find(routes, question)
    inner = replace(call, request=_request(call, found, _renewed(question, anew or {})))
    where = "parameters" if question.body is UNSET else "body"
    if (ticket := asking.get()) is not None:
        ticket.may_be_partial = tells_of_parts(found.route.answer)
    try:
        return await _handler(found.route)(inner)
    except InvalidInput as error:
        field = f"{where}/{error.field}" if error.field else where
        raise InvalidInput(error.message, field=field, code=error.code) from error
    except NotFound as error:
        raise InvalidInput(f"{question.route}: {error.message}", field="route") from error


def _handler(route: Route) -> Callable[[Call], Awaitable[Any]]:
    return route.handler


def _find(routes: Sequence[Route], question: SavedQuestion) -> _Found:
    if question.parameters is not UNSET and question.body is not UNSET:
        raise InvalidInput("A question has either parameters or a body.", field="body")
    method = "GET" if question.body is UNSET else "POST"
    known = askable(routes)
    for route in known:
        in_path = _matched(route.path.removeprefix(_BEFORE), question.route)
        if in_path is not None and route.method == method:
            return _Found(route, in_path)
    allowed = ", ".join(
        f"{route.path.removeprefix(_BEFORE)}{' (body)' if route.method == 'POST' else ''}" for route in known
    )
    raise InvalidInput(
        f"No question {question.route[:100]!r} takes {'parameters' if method == 'GET' else 'a body'}; "
        f"one of {allowed}.",
        field="route",
    )


def _matched(pattern: str, name: str) -> dict[str, str] | None:
    """The parameters in a path that fits a pattern such as `goals/{id}`."""
    words, given = pattern.split("/"), name.split("/")
    if len(words) != len(given):
        return None
    in_path: dict[str, str] = {}
    for word, part in zip(words, given, strict=True):
        if word.startswith("{") and part:
            in_path[word[1:-1]] = unquote(part)
        elif word != part:
            return None
    return in_path


def _renewed(question: SavedQuestion, anew: dict[str, str]) -> dict[str, Any]:
    """The parameters or the body, with what is asked anew."""
    saved = question.body if question.body is not UNSET else question.parameters
    given = {} if saved is UNSET else saved
    if any(name in anew for name in SPAN):
        given = {name: value for name, value in given.items() if name not in SPAN}
    return {**given, **anew}


def _request(call: Call, found: _Found, given: dict[str, Any]) -> Request:
    """The request that would have asked this directly."""
    in_path = {"projectId": call.project_id, **found.in_path}
    query, body = b"", b""
    if found.route.method == "POST":
        body = msgspec.json.encode(given)
    else:
        query = urlencode(_texts(given)).encode()
    scope = {
        **call.request.scope,
        "method": found.route.method,
        "path": found.route.path.format(**in_path),
        "raw_path": b"",
        "query_string": query,
        "path_params": in_path,
    }

    unread = [body]

    async def receive() -> Message:
        if unread:
            return {"type": "http.request", "body": unread.pop(), "more_body": False}
        return await call.request.receive()  # the caller's leaving

    return Request(scope, receive)


def _texts(given: dict[str, Any]) -> list[tuple[str, str]]:
    """Parameters as a query string has them. Raises InvalidInput."""
    if len(given) > MOST_PARAMETERS:
        raise InvalidInput(f"At most {MOST_PARAMETERS} parameters.", field="parameters")
    texts: list[tuple[str, str]] = []
    for name, value in given.items():
        if isinstance(value, str):
            texts.append((name, value))
        elif isinstance(value, bool | list | dict):
            texts.append((name, msgspec.json.encode(value).decode()))
        elif isinstance(value, int | float):
            texts.append((name, str(value)))
        else:
            raise InvalidInput(f"{name[:100]} is null: leave it out.", field=f"parameters/{name[:100]}")
    return texts
