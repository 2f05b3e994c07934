"""Origins: whose pages may send with a client's id alone, or read answers (`CORS_ORIGINS`)."""

from collections.abc import Sequence

from eventlens.errors import InvalidInput
from eventlens.setting_kinds import read_origin

MOST_ORIGINS = 100


def read_origins(origins: Sequence[str]) -> list[str]:
    """Origins in their normal form, each once. Raises InvalidInput (`origins`, `origins/2`)."""
    if len(origins) > MOST_ORIGINS:
        raise InvalidInput(f"origins must be at most {MOST_ORIGINS}", field="origins")
    found: dict[str, None] = {}
    for position, origin in enumerate(origins):
        try:
            found[read_origin(origin)] = None
        except ValueError:
            field = f"origins/{position}"
            words = f"{field} must be an origin like https://example.com, *.example.com or *"
            raise InvalidInput(words, field=field) from None
    return list(found)


def origin_allowed(origins: Sequence[str], origin: str) -> bool:
    """Whether an `Origin` header is among a client's origins.

    `*` is every origin, `https://a.example` that one, `a.example` that host with any scheme,
    `*.a.example` its subdomains (and not itself); a port must be the same.
    """
    try:
        given = read_origin(origin)
    except ValueError:
        return False
    if "*" in given:  # a pattern is no origin
        return False
    scheme, _, host = given.rpartition("://")
    return any(_matches(pattern, scheme, host) for pattern in origins)


def _matches(pattern: str, scheme: str, host: str) -> bool:
    if pattern == "*":
        return True
    wanted_scheme, _, wanted_host = pattern.rpartition("://")
    if wanted_scheme and wanted_scheme != scheme:
        return False
    if wanted_host.startswith("*."):
        return host.endswith(wanted_host[1:]) and len(host) > len(wanted_host) - 1
    return host == wanted_host
