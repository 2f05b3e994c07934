"""Names of properties of profiles, as filters and breakdowns write them."""

from eventlens.errors import InvalidInput
from eventlens.events import MAX_PROPERTY_PARTS
from eventlens.insights.dimensions import PROPERTY_PREFIX, property_paths

PROFILE_PREFIX = "profile."
PROFILE_FIELDS = {"firstName": "$firstName", "lastName": "$lastName", "email": "$email", "avatar": "$avatar"}
"""Fields of a profile that are no properties of its user: their names in the log."""


def profile_path(name: str, field: str) -> tuple[str, ...]:
    """The way to a property of a profile, from a name `profile.<key>`. Raises InvalidInput.

    `profile.email` and the like are the profile's own fields; a property of that name is
    `profile.["email"]`, as is any name that has dots of its own.
    """
    key = name.removeprefix(PROFILE_PREFIX)
    if key in PROFILE_FIELDS:
        return (PROFILE_FIELDS[key],)
    path = property_paths(PROPERTY_PREFIX + key, field)[-1]
    if len(path) > MAX_PROPERTY_PARTS:
        raise InvalidInput(f"A profile's property is at most {MAX_PROPERTY_PARTS} levels deep.", field=field)
    return path
