"""Whose request is being answered: what middleware knows of the visitor, for every event of that request."""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from typing import Any

from event_lens_sdk.problems import log
from event_lens_sdk.shapes import Identifier


@dataclass(slots=True)
class Visitor:
    """What events of one visitor have in common. What is empty is left out.

    A function is asked when an event is made, once a user is known.
    """

    profile_id: Identifier | Callable[[], Identifier | None] | None = None
    device_id: str | Callable[[], str | None] = ""
    session_id: str = ""
    path: str = ""
    referrer: str = ""
    ip: str = ""
    user_agent: str = ""
    language: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict[str, Any])


_current: ContextVar[Visitor | None] = ContextVar("event_lens_visitor", default=None)


def current_visitor() -> Visitor | None:
    """The visitor of this thread or task; None where nobody said who it is."""
    return _current.get()


@contextmanager
def visiting(visitor: Visitor | None) -> Generator[Visitor | None]:
    """Make it the visitor of everything that is called inside."""
    token = _current.set(visitor)
    try:
        yield visitor
    finally:
        _current.reset(token)


def asked(value: object) -> object:
    """The value, or what the function says; None where it fails: an event is not worth an error page."""
    if not callable(value):
        return value
    try:
        return value()
    except Exception:  # noqa: BLE001  # the application's own code
        log.exception("asking whose event it is failed")
        return None


def enter(visitor: Visitor) -> Token[Visitor | None]:
    """Make it the visitor until `leave`, for frameworks with hooks at both ends of a request."""
    return _current.set(visitor)


def leave(token: Token[Visitor | None]) -> None:
    """Who was the visitor before is it again; in another context there is nothing to undo."""
    with suppress(ValueError):
        _current.reset(token)
