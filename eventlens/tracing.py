"""What is known of the request at hand, and who tells of its trace.

Traces are off unless an endpoint is set (`start`), and then nothing of them runs or is loaded: whoever could
begin one asks `current` once.
"""

import re
import secrets
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eventlens.spans import Tracer

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Of the request that is being answered, for the log."""

_REQUEST_ID = re.compile(r"[0-9a-fA-F-]{16,64}")


def request_id_of(stated: bytes | None) -> str:
    """The id by which a proxy knows a request, if it is nothing but one; else a new one."""
    text = stated.decode("latin-1") if stated else ""
    return text if _REQUEST_ID.fullmatch(text) else secrets.token_hex(16)


Noted = list[tuple[str, int, int, int]]

inserts: ContextVar[Noted | None] = ContextVar("inserts", default=None)
"""Where the store notes (table, begin, end, bytes) of each insert while somebody wants to know. Times: ns."""


class _Current:
    tracer: "Tracer | None" = None


def start(endpoint: str, version: str, role: str, *, per_second: int) -> "Tracer":
    """Trace from now on. Whoever starts it stops it."""
    from eventlens.spans import Tracer  # noqa: PLC0415  # loads OpenTelemetry

    _Current.tracer = Tracer(endpoint, version, role, per_second=per_second)
    return _Current.tracer


def stop() -> None:
    """Tell what is left, and trace no more."""
    if _Current.tracer is not None:
        _Current.tracer.close()
        _Current.tracer = None


def current() -> "Tracer | None":
    """Who tells of traces; None where nobody wants to know."""
    return _Current.tracer
