"""The names of dimensions in a request: what an answer is split by."""

from eventlens.errors import InvalidInput
from eventlens.insights.dimensions import DIMENSIONS, PROPERTY_PREFIX, names, property_paths, split_names
from eventlens.insights.filters import PROFILE_PREFIX, profile_path

MAX_DIMENSIONS = 2
_KNOWN = f"{', '.join(names())}, cohort, properties.<key> or profile.<key>"


def dimensions_text(*, one: bool = False) -> str:
    """What may be asked, for descriptions of parameters; `one`: a single dimension."""
    return f"One of {_KNOWN}" if one else f"One or two, joined by a comma, of {_KNOWN}"


def read_dimensions(text: str) -> tuple[str, ...]:
    """Names from `dimension=country,properties.plan`. Raises InvalidInput."""
    found = tuple(split_names(text))
    if not 1 <= len(found) <= MAX_DIMENSIONS or len(set(found)) < len(found):
        raise InvalidInput(
            f"One or {MAX_DIMENSIONS} different dimensions, joined by a comma.", field="dimension"
        )
    for name in found:
        if name.startswith(PROPERTY_PREFIX):
            property_paths(name, "dimension")
        elif name.startswith(PROFILE_PREFIX):
            profile_path(name, "dimension")
        elif name not in DIMENSIONS and name != "cohort":
            raise InvalidInput(f"Unknown dimension {name[:100]!r}; one of {_KNOWN}.", field="dimension")
    return found


def read_breakdown(given: str | list[str] | None, field_name: str) -> tuple[str, ...]:
    """Names of one or two dimensions, or none. Raises InvalidInput."""
    if given is None:
        return ()
    text = given if isinstance(given, str) else ",".join(given)
    try:
        return read_dimensions(text)
    except InvalidInput as error:
        raise InvalidInput(error.message, field=field_name) from error
