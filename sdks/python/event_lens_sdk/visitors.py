"""Whose request is being answered: what middleware knows of the visitor, for every event of that request."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from event_lens_sdk.shapes import Identifier


@dataclass(slots=True)
class Visitor:
    """What events of one visitor have in common. What is empty is left out."""

    profile_id: Identifier | None = None
    device_id: str = ""
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
