"""What could not be applied: told in words, and sent on its way once more when the cause is mended."""

import base64
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, cast

import msgspec
from msgspec.structs import asdict

from eventlens.events import Command, Envelope, unpack
from eventlens.queues.base import DeadLetter, Queue, arrival_ms

_PAGE = 20
"""Letters read at once: one may hold megabytes."""

_MOVE_EVENTS = 500
_MOVE_BYTES = 4 * 1024**2
"""Letters moved in one transaction, about: the queue's writer serves nobody else meanwhile."""

_TIMES = {"timestamp", "ended_at"}


@dataclass(frozen=True)
class Letter:
    """A dead letter, opened."""

    kept: DeadLetter

    @property
    def id(self) -> int:
        return self.kept.id

    @cached_property
    def requests(self) -> list[Envelope] | None:
        """What it holds; None where it cannot be read."""
        try:
            return unpack(self.kept.body)
        except msgspec.MsgspecError:
            return None

    @property
    def project_id(self) -> str:
        """Whose it is; '' where it cannot be read."""
        return self.requests[0].context.project_id if self.requests else ""

    @property
    def commands(self) -> list[Command]:
        """All that it holds, in order."""
        return [command for request in self.requests or () for command in request.commands]

    def summary(self) -> dict[str, Any]:
        """Its row in a list. Times are ISO 8601 in UTC; null where something is not known."""
        names = {_name(command): None for command in self.commands}  # each once, in order
        return {
            "id": self.id,
            "failed_at": _iso(self.kept.failed_at),
            "arrived_at": _iso(arrival_ms(self.kept.arrival)) if self.kept.arrival else None,
            "project_id": self.project_id or None,
            "commands": None if self.requests is None else len(self.commands),
            "kinds": list(names),
            "bytes": len(self.kept.body),
            "error": self.kept.error,
        }

    def described(self) -> dict[str, Any]:
        """All of it, for people: fields that say nothing are left out; what cannot be read is base64."""
        if self.requests is None:
            return {**self.summary(), "unreadable": base64.b64encode(self.kept.body).decode()}
        requests = [
            {
                "context": _said(asdict(request.context)),
                "commands": [{"type": _kind(each), **_said(asdict(each))} for each in request.commands],
            }
            for request in self.requests
        ]
        return {**self.summary(), "requests": requests}


def letters(queue: Queue, project_id: str = "", before: int | None = None) -> Iterator[Letter]:
    """All dead letters (of one project; with ids below `before`), newest first."""
    while page := queue.dead_letters(limit=_PAGE, before=before):
        for kept in page:
            letter = Letter(kept)
            if not project_id or letter.project_id == project_id:
                yield letter
        before = page[-1].id


def letter(queue: Queue, id_: int) -> Letter | None:
    """One of them; None when there is no such letter."""
    page = queue.dead_letters(limit=1, before=id_ + 1)
    return Letter(page[0]) if page and page[0].id == id_ else None


def replay(queue: Queue, chosen: Iterable[Letter]) -> int:
    """Make letters records again, in the order in which they were set aside; how many were still there.

    Some at a time, each in one place at any moment: whoever is interrupted may begin again.
    """
    sizes = sorted((each.id, len(each.commands), len(each.kept.body)) for each in chosen)
    return sum(map(queue.replay_dead_letters, _moves(sizes)))


def discard(queue: Queue, chosen: Iterable[Letter]) -> int:
    """Forget letters for good; how many were still there."""
    return queue.discard_dead_letters([each.id for each in chosen])


def _moves(sizes: Iterable[tuple[int, int, int]]) -> Iterator[list[int]]:
    ids: list[int] = []
    events = held = 0
    for id_, commands, size in sizes:
        if ids and (events + commands > _MOVE_EVENTS or held + size > _MOVE_BYTES):
            yield ids
            ids, events, held = [], 0, 0
        ids.append(id_)
        events += max(commands, 1)
        held += size
    if ids:
        yield ids


def _kind(command: Command) -> str:
    return str(command.__struct_config__.tag)


def _name(command: Command) -> str:
    name = getattr(command, "name", "")
    return f"{_kind(command)} {name}".strip()


def _said(fields: dict[str, Any]) -> dict[str, Any]:
    said = {name: _readable(name, value) for name, value in fields.items()}
    return {name: value for name, value in said.items() if value not in ("", None, (), {})}


def _readable(name: str, value: Any) -> Any:
    if name in _TIMES and isinstance(value, int):
        return _iso(value)
    if isinstance(value, bytes):
        try:
            return msgspec.json.decode(value)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return value.decode("utf-8", "backslashreplace")
    if isinstance(value, Mapping):
        inner = cast("Mapping[str, Any]", value)
        return {key: _readable("", each) for key, each in inner.items()}
    return value


def _iso(milliseconds: int) -> str:
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError, OSError):  # perhaps the very reason why it is here
        return str(milliseconds)
