"""What answers can be split by and filtered by. Names and columns are fixed here and nowhere else."""

import re
from dataclasses import dataclass
from typing import Literal, LiteralString

import msgspec

from eventlens.errors import InvalidInput

Group = Literal["event", "page", "referrer", "device", "geo", "client"]


@dataclass(frozen=True, slots=True)
class Dimension:
    """A property of every event. '' in the column means unknown, null in answers.

    `column` exists in `events`; where `of_session` also in `sessions`, with the same value for all
    events of a session. `numeric` columns are compared as numbers. `many`: the column is an array; an
    event has each of its values, and the unknown one where it is empty.
    """

    name: str
    column: LiteralString
    group: Group
    description: str
    of_session: bool = False
    numeric: bool = False
    many: bool = False


def _table(*rows: tuple[LiteralString, Group, str]) -> dict[str, Dimension]:
    return {
        name: Dimension(
            name,
            "groups" if name == "group" else name,
            group,
            description,
            of_session=group == "referrer",
            numeric=name == "revenue",
            many=name == "group",
        )
        for name, group, description in rows
    }


DIMENSIONS: dict[str, Dimension] = _table(
    ("name", "event", "the event's name; `screen_view` is a page view"),
    ("path", "page", "path of the page, or the screen's route"),
    ("origin", "page", "scheme and host of the page"),
    ("query", "page", "query string of the page, without the question mark"),
    ("hash", "page", "fragment of the page's address, without the hash sign"),
    ("title", "page", "title of the page"),
    ("referrer", "referrer", "address of the page from which the session came"),
    ("referrer_name", "referrer", "who that is (Google), else its host"),
    ("referrer_type", "referrer", "search, social, ad, email, ai, other or direct"),
    ("utm_source", "referrer", "campaign's source, of the session"),
    ("utm_medium", "referrer", "campaign's medium, of the session"),
    ("utm_campaign", "referrer", "campaign's name, of the session"),
    ("utm_term", "referrer", "campaign's term, of the session"),
    ("utm_content", "referrer", "campaign's content, of the session"),
    ("click_id_name", "referrer", "kind of the advertisement's click id (gclid), of the session"),
    ("click_id", "referrer", "the advertisement's click id, of the session"),
    ("country", "geo", "ISO 3166-1 alpha-2"),
    ("region", "geo", "region or state"),
    ("city", "geo", "city"),
    ("device", "device", "desktop, mobile, tablet, tv, console or server"),
    ("browser", "device", "browser"),
    ("browser_version", "device", "browser's version"),
    ("os", "device", "operating system"),
    ("os_version", "device", "operating system's version"),
    ("brand", "device", "device's brand"),
    ("model", "device", "device's model"),
    ("language", "client", "language of the browser"),
    ("screen", "client", "size of the screen"),
    ("sdk", "client", "library that sent the event"),
    ("sdk_version", "client", "that library's version"),
    ("device_id", "event", "id of the device"),
    ("profile_id", "event", "profile that the event names"),
    ("session_id", "event", "session id, where the client sent one"),
    ("group", "event", "group that the event belongs to; it may have several"),
    ("revenue", "event", "amount of revenue"),
    ("currency", "event", "currency of the revenue"),
)

PROPERTY_PREFIX = "properties."
MAX_KEY = 200
MAX_PATH = 3000
"""Characters of a path of keys as JSON: as many and as long ones as can be sent."""


def names(*groups: Group) -> tuple[str, ...]:
    """Names of all dimensions, or of those of some groups."""
    return tuple(each.name for each in DIMENSIONS.values() if not groups or each.group in groups)


Path = tuple[str, ...]
"""Keys, outermost first."""


def property_paths(name: str, field: str) -> tuple[Path, ...]:
    """Where the property of a name may lie, first that which counts first. Raises InvalidInput.

    `properties.a.b` is the key `a.b`, else `b` within `a`. `properties.["a.b","c"]` is `c` within `a.b` and
    nothing else: that way any key can be written.
    """
    key = name.removeprefix(PROPERTY_PREFIX)
    if key.startswith("["):
        return (_exact_path(key, field),)
    if not key or len(key) > MAX_KEY:
        raise InvalidInput(f"A property's key has 1 to {MAX_KEY} characters.", field=field)
    parts = tuple(key.split("."))
    return ((key,), parts) if len(parts) > 1 and all(parts) else ((key,),)


def _exact_path(text: str, field: str) -> Path:
    if len(text) > MAX_PATH:
        raise InvalidInput(f"A path of keys has at most {MAX_PATH} characters.", field=field)
    try:
        path = msgspec.json.decode(text, type=Path)
    except (msgspec.DecodeError, UnicodeEncodeError):
        path = ()
    if not path or not all(path):
        raise InvalidInput(
            'A path of keys is a JSON array of texts, as in properties.["a.b","c"].', field=field
        )
    return path


_NAME = re.compile(r"""((?:properties|profile)\.\[(?:[^"\]]|"(?:[^"\\]|\\.)*")*\]|[^,]*)(,|\Z)""")


def split_names(text: str) -> list[str]:
    """Names joined by commas; a comma within a path of keys joins nothing."""
    found: list[str] = []
    at = 0
    while match := _NAME.match(text, at):
        found.append(match[1])
        at = match.end()
        if not match[2]:
            break
    return found
