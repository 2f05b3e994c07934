"""A profile, the slow way: all its changes in order, one after the other, written from docs/semantics.md."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from tests.oracle.model import Sent

TRAITS = ("firstName", "lastName", "email", "avatar")


def fold(sent: Iterable[Sent], profile: str) -> dict[str, Any] | None:
    """The properties of a profile; None where nothing was ever said of it."""
    changes = sorted(changes_of(sent, profile), key=lambda change: change[:3])
    if not changes:
        return None
    properties: dict[str, Any] = {}
    for _, _, name, adds, value in changes:
        put(properties, name.split("."), value, adds=adds)
    return {name: plain(value) for name, value in properties.items()}


def changes_of(sent: Iterable[Sent], profile: str) -> Iterable[tuple[int, int, str, bool, Any]]:
    """(time, arrival, property, whether it adds, value); of equal ids the first one counts."""
    ids: set[str] = set()
    for arrival, command in enumerate(sent):
        if command.kind not in {"identify", "increment", "decrement"} or command.id in ids:
            continue
        ids.add(command.id)
        if command.profile != profile:
            continue
        if command.kind == "identify":
            for name, value in (command.properties or {}).items():
                yield command.at, arrival, name, False, exact(value)
        else:
            sign = 1 if command.kind == "increment" else -1
            yield command.at, arrival, command.property, True, sign * exact(command.value)


def put(within: dict[str, Any], path: list[str], value: Any, *, adds: bool) -> None:
    key, *rest = path
    old = within.get(key)
    if rest:
        if not isinstance(old, dict):
            if adds and old is not None:
                return
            old = within[key] = {}
        put(old, rest, value, adds=adds)
    elif not adds or old is None:
        within[key] = value
    elif isinstance(old, int | Decimal) and not isinstance(old, bool):
        within[key] = old + value


def exact(value: Any) -> Any:
    """Numbers as they were written."""
    if isinstance(value, dict):
        return {name: exact(inner) for name, inner in value.items()}
    return Decimal(repr(value)) if isinstance(value, float) else value


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    return float(value) if isinstance(value, Decimal) else value
