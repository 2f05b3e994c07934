"""Errors become answers: one table from error class to status, one shape for the body."""

import logging
import math
import traceback

import msgspec
from starlette.responses import Response

from eventlens.errors import (
    ConfigurationError,
    Conflict,
    EventLensError,
    Forbidden,
    InvalidInput,
    NotFound,
    OutboundRefused,
    QueryLimit,
    QueueFull,
    RateLimited,
    StoreUnavailable,
    TooLarge,
    TwoFactorNeeded,
    Unauthenticated,
    Unavailable,
)

log = logging.getLogger(__name__)

STATUS: dict[type[EventLensError], tuple[int, str]] = {
    InvalidInput: (400, "invalid"),
    TwoFactorNeeded: (401, "two_factor"),
    Unauthenticated: (401, "unauthenticated"),
    Forbidden: (403, "forbidden"),
    NotFound: (404, "not_found"),
    Conflict: (409, "conflict"),
    TooLarge: (413, "too_large"),
    RateLimited: (429, "rate_limited"),
    OutboundRefused: (502, "outbound"),
    QueueFull: (503, "queue_full"),
    StoreUnavailable: (503, "store_unavailable"),
    QueryLimit: (503, "query_limit"),
    Unavailable: (503, "unavailable"),
    ConfigurationError: (503, "configuration"),
    EventLensError: (500, "internal"),
}
"""Error class → status and code. The most specific class counts."""


def status_of(error: EventLensError) -> tuple[int, str]:
    """Status and code of an error."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def error_body(code: str, message: str, field: str = "") -> bytes:
    """`{"error": {"code", "message", "field"?}}`."""
    error = {"code": code, "message": message}
    if field:
        error["field"] = field
    return msgspec.json.encode({"error": error})


def error_headers(error: EventLensError) -> dict[str, str]:
    """`Retry-After`, in whole seconds, where trying again may help."""
    if isinstance(error, Unavailable | RateLimited):
        return {"retry-after": str(max(1, math.ceil(error.retry_after)))}
    return {}


def error_response(error: EventLensError) -> Response:
    """The answer for an error."""
    status, code = status_of(error)
    if isinstance(error, InvalidInput):
        code = error.code
    field = error.field if isinstance(error, InvalidInput) else ""
    body = error_body(code, error.message, field)
    return Response(body, status, error_headers(error), media_type="application/json")


def unexpected(error: Exception, where: str) -> bytes:
    """Log a mistake of ours and give the body of its answer (500).

    The log names the place and the kind, never the message: messages quote what a caller sent.
    """
    frames = "".join(traceback.format_tb(error.__traceback__))
    log.error("unexpected %s in %s\n%s", type(error).__qualname__, where, frames.rstrip())
    return error_body("internal", "Something unexpected went wrong; the log has the details.")
