"""Byte-identical bodies without ids from one sender within a tenth of a second are one event."""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from typing import Generic, NamedTuple, TypeVar

from eventlens.ingest.admit import Admission
from eventlens.ingest.payload import Body, Refusal
from eventlens.ingest.senders import Sender

T = TypeVar("T")

TWIN_SECONDS = 0.1

_LONGEST_KEPT = 1024


class _Twin(NamedTuple):
    """What is the same about two requests that are one event."""

    client_id: str
    trusted: bool
    sender: Sender
    kinds: tuple[type, ...]
    """`/increment` and `/decrement` take the same bytes."""
    said: bytes
    """The body, or its hash where it is long: a hundred milliseconds of recordings are many megabytes."""


@dataclass(slots=True)
class _First(Generic[T]):
    """The first of some twins: its answer is that of all."""

    at: float
    outcome: T | Exception | None = None
    waiting: list[Callable[[T | Exception], None]] = field(
        default_factory=list[Callable[[T | Exception], None]]
    )

    def settle(self, outcome: T | Exception) -> None:
        self.outcome = outcome
        for done in self.waiting:
            done(outcome)


def twin_text(admission: Admission, bodies: Sequence[Body | Refusal], sender: Sender, raw: bytes) -> bytes:
    """What is the same about two requests that are one event, in every process alike."""
    kinds = [type(body).__name__ for body in bodies]
    told = repr((admission.client.id, admission.trusted, sender, kinds))
    return told.encode("utf-8", "surrogatepass") + b"\n" + raw


class Twins(Generic[T]):
    """Requests of the last moment that may come once more; `T` is what comes of one."""

    def __init__(self) -> None:
        self._firsts: OrderedDict[_Twin, _First[T]] = OrderedDict()

    def begin(
        self,
        admission: Admission,
        bodies: Sequence[Body | Refusal],
        sender: Sender,
        raw: bytes,
        done: Callable[[T | Exception], None],
        really: Callable[[Callable[[T | Exception], None]], None],
    ) -> None:
        """Begin a request `really` if it is the first of its kind, else let `done` hear what came of that."""
        self._forget()
        said = raw if len(raw) <= _LONGEST_KEPT else blake2b(raw, digest_size=32).digest()
        key = _Twin(admission.client.id, admission.trusted, sender, tuple(map(type, bodies)), said)
        first = self._firsts.get(key)
        if first is None:
            first = self._firsts[key] = _First[T](time.monotonic(), waiting=[done])
            try:
                really(partial(self._settle, key, first))
            except BaseException:
                self._firsts.pop(key, None)  # or its twins would wait for an outcome that never comes
                raise
        elif first.outcome is None:
            first.waiting.append(done)
        else:
            done(first.outcome)

    def _settle(self, key: _Twin, first: _First[T], outcome: T | Exception) -> None:
        if isinstance(outcome, Exception) and self._firsts.get(key) is first:
            del self._firsts[key]  # the next one is a try of its own
        first.settle(outcome)

    def _forget(self) -> None:
        horizon = time.monotonic() - TWIN_SECONDS
        while self._firsts:
            key, oldest = next(iter(self._firsts.items()))
            if oldest.at > horizon:
                break
            del self._firsts[key]
