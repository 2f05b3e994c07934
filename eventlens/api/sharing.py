"""What a share link may ask: the questions of the overview, about what visits are and not who somebody is."""

from collections.abc import Mapping
from typing import Any, cast

import msgspec
from starlette.requests import Request

from eventlens.accounts.shares import Share, Shares
from eventlens.api.route import Route
from eventlens.api.sender import Headers
from eventlens.errors import Forbidden

SHARE_HEADER = "event-lens-share"
"""With what a link ends with."""
KEY_HEADER = "event-lens-share-key"
"""With what opening it gave, where it has a password."""

_INSIGHTS = "/insights/{projectId}/"
SHARED = frozenset(
    _INSIGHTS + question
    for question in "metrics timeseries pages referrers devices geo breakdown live events/names".split()
)
"""Routes that a link may ask."""

_PARAMETERS = frozenset(
    "range startDate endDate timezone filters compare interval limit offset mode dimension metrics".split()
)
_NAMES = frozenset(
    """name path origin referrer referrer_name referrer_type utm_source utm_medium utm_campaign utm_term
    utm_content country region city device browser browser_version os os_version brand model
    language""".split()
)
"""What a link may filter and split by. By anything of a person or of properties, one could find out who
somebody is by asking how many are left.
"""


def shared_by(headers: Headers, shares: Shares) -> Share | None:
    """The share whose link a request shows; None where it shows none that is open."""
    token = headers.get(SHARE_HEADER.encode(), b"").decode("latin-1")
    key = headers.get(KEY_HEADER.encode(), b"").decode("latin-1")
    return shares.opened(token, key)


def check_share(route: Route, share: Share, request: Request) -> None:
    """Raises Forbidden for what a link may not ask."""
    if route.path not in SHARED or route.method != "GET":
        raise Forbidden("A share link shows the overview and nothing else.")
    if request.path_params.get("projectId") != share.project_id:
        raise Forbidden("This link is of another project.")
    for name, value in request.query_params.multi_items():
        if name not in _PARAMETERS or (name == "filters" and not _plain(value)):
            raise Forbidden("A share link may not ask for that.")
        if name == "dimension" and not _NAMES.issuperset(value.split(",")):
            raise Forbidden("A share link may not ask for that.")


def _plain(filters: str) -> bool:
    """Whether all filters are by what visits are. What is no filter at all is said to be wrong later."""
    try:
        found = msgspec.json.decode(filters)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        return False
    return _all_plain(found, 0)


def _all_plain(found: Any, depth: int) -> bool:
    if depth > 10:
        return False
    if isinstance(found, list):
        return all(_all_plain(each, depth + 1) for each in cast(list[Any], found))
    if not isinstance(found, Mapping):
        return False
    each = cast(Mapping[str, Any], found)
    if each.keys() <= {"and", "or"}:
        return all(_all_plain(inner, depth + 1) for inner in each.values())
    return each.keys() <= {"name", "operator", "value"} and each.get("name") in _NAMES
