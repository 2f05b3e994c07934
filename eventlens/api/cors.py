"""Which pages of other origins may read answers: `CORS_ORIGINS`. Collection is open to all."""

from collections.abc import Sequence

from eventlens.accounts.origins import origin_allowed
from eventlens.api.sender import Headers

RawHeaders = list[tuple[bytes, bytes]]


def cors_headers(origins: Sequence[str], headers: Headers) -> RawHeaders:
    """Headers for an answer: the page's origin reflected where it is allowed, else none."""
    if not origins:
        return []
    answer = [(b"vary", b"origin")]
    origin = headers.get(b"origin", b"")
    if origin_allowed(origins, origin.decode("latin-1")):
        answer += [
            (b"access-control-allow-origin", origin),
            (b"access-control-expose-headers", b"retry-after"),
        ]
    return answer


def is_preflight(method: str, headers: Headers) -> bool:
    """Whether a browser asks if it may ask."""
    return method == "OPTIONS" and b"access-control-request-method" in headers


def preflight_headers(methods: bytes, headers: Headers) -> RawHeaders:
    """What may be asked, for an origin that is allowed; the wanted headers are reflected."""
    return [
        (b"access-control-allow-methods", methods),
        (
            b"access-control-allow-headers",
            headers.get(b"access-control-request-headers", b"content-type"),
        ),
        (b"access-control-max-age", b"604800"),
        (b"vary", b"access-control-request-headers"),
    ]
