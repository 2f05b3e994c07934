"""The contract of the queue between collection and the workers.

The promise, in words:

* When `append` returns, the record is durable: no crash of any process loses it.
* Records of one key (a project) are claimed in the order in which they were appended, by one worker at a
  time. A claim stays the same claim (same records, same token) until it is acknowledged, also over a
  crash and when another worker takes it over, so that whoever applies it can make the effect
  idempotent with the token.
* `acknowledge` forgets the records, adds the tallies and keeps the dead letters in one atomic step.
* A dead letter that is replayed is a record again, in one atomic step. Its events keep their arrival
  numbers: whatever was stored of them before they were set aside is recognised.
* Every event has an arrival number: unique, growing, fixed when the record becomes durable. Its
  upper bits are the milliseconds at which the record arrived (`ARRIVAL_BITS`).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

ARRIVAL_BITS = 20
"""arrival = milliseconds << ARRIVAL_BITS | n, where n counts up within the millisecond."""

NOT_PAUSED = (
    "What is being stored now does not come to an end; see whether the event store is well, and try again."
)
PAUSED_BY_ANOTHER = "A backup or a deletion is under way; try again when it is done."
PAUSE_POLL_SECONDS = 0.02


def arrival_ms(arrival: int) -> int:
    """When an event arrived, in milliseconds since the epoch."""
    return arrival >> ARRIVAL_BITS


@dataclass(frozen=True, slots=True)
class Record:
    """One appended record: `arrival` is that of its first event, the next ones count up by one."""

    arrival: int
    body: bytes
    events: int = 1


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Claim:
    """A run of records that one worker applies as a whole.

    `retried` says that somebody may have applied a part of it already. `version` is higher than that of
    every earlier claim of its keys (a replayed record's arrival need not be).
    """

    token: str
    records: Sequence[Record]
    events: int
    retried: bool
    version: int
    lane: int = 0
    """All records of a key are in one lane; a worker has a lane to itself."""
    tenure: int = field(default=0, compare=False)
    """Another one whenever the lane was somebody else's meanwhile: then nothing in memory is true of it."""
    held: Callable[[], bool] = field(default=_always, compare=False)
    """Whether the lane is surely still this worker's. Asks nobody."""

    def told(self) -> "Claim":
        """The same for another process, which cannot know whether it is held."""
        return replace(self, held=_always)


Settled = Callable[[Exception | None], None]
"""Called with None when a record is durable, else with what went wrong."""


@dataclass(frozen=True, slots=True)
class Depth:
    """What waits: `events` not yet acknowledged, `oldest_ms` the age of the oldest one (0 when empty)."""

    events: int
    oldest_ms: int


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record that could not be applied, with the reason. Times are milliseconds since the epoch."""

    id: int
    """Grows; never used twice."""
    body: bytes
    error: str
    failed_at: int
    arrival: int = 0
    """0 where it was set aside by a version that did not note it."""


class Queue(Protocol):
    """See the module's docstring. All but `append` and `append_soon` block; any thread may call them."""

    @property
    def shared(self) -> bool:
        """Whether several processes may collect into it and work: then it has several lanes."""
        ...

    async def append(self, body: bytes, events: int, key: str = "") -> None:
        """Make a record of `events` events durable. Raises QueueFull."""
        ...

    def append_soon(
        self, body: bytes, events: int, settled: "Settled", key: str = "", twins: bytes = b""
    ) -> None:
        """`append` without waiting: `settled` is called later in the running event loop.

        For the hot path: no future and no task for a request. `twins` is a digest of what was sent: where
        several processes append, one that was sent to another of them within a tenth of a second is this
        record already. (Within a process its user sees to that.)
        """
        ...

    def append_now(self, body: bytes, events: int, key: str = "") -> None:
        """`append` for callers without an event loop (importers)."""
        ...

    def claim(self, events: int, without: Collection[int] = ()) -> Claim | None:
        """The oldest records of a lane, about `events` events of them (at least one record); None when empty.

        Returns the unacknowledged claim again if there is one. Lanes in `without` are left alone.
        """
        ...

    def paused(self, seconds: float, *, anew: bool = False) -> AbstractContextManager[None]:
        """Within the block no worker stores anything: what waits is not in the store, the rest is.

        Begins when the claims under way are acknowledged; meanwhile, and within, no other one is handed out.
        Appends go on. Afterwards workers know nothing from memory, if told to begin `anew`. Raises
        Unavailable where a claim does not end within so many seconds, or somebody else has paused it.
        """
        ...

    def held(self, path: Path) -> AbstractContextManager[Callable[[], None]]:
        """What the queue holds now; gives what writes that to a new file, of the embedded queue's form.

        To be begun while it is paused. What it gives may be called later where the queue is embedded, and
        until the end of the block. Raises Unavailable.
        """
        ...

    def wait(self, seconds: float) -> bool:
        """Wait until something was appended (by this process or another), at most `seconds`."""
        ...

    def acknowledge(
        self,
        claim: Claim,
        tallies: Mapping[tuple[str, str], int] | None = None,
        buried: Sequence[tuple[Record, str]] = (),
    ) -> None:
        """Forget a claim's records, all in one transaction; nothing where another worker has taken it over.

        Adds `{(source, outcome): count}`; keeps `(record, error)` of what cannot be applied as dead letters.
        """
        ...

    def dead_letters(self, limit: int = 100, before: int | None = None) -> list[DeadLetter]:
        """The newest dead letters (those with an id below `before`), newest first."""
        ...

    def count_dead_letters(self, limit: int) -> int:
        """How many there are; `limit` for that many or more."""
        ...

    def replay_dead_letters(self, ids: Sequence[int]) -> int:
        """Make dead letters records again, all or none; how many of the ids there were.

        In the order in which they were set aside, behind everything that waits.
        """
        ...

    def discard_dead_letters(self, ids: Sequence[int]) -> int:
        """Forget dead letters for good; how many of the ids there were."""
        ...

    def prune_dead_letters(self, longest_ms: int | None, most_bytes: int) -> int:
        """Forget those that are kept for longer, then the oldest above a size; how many that were."""
        ...

    def tallies(self, source: str) -> dict[str, int]:
        """Outcomes counted so far for one source (an import)."""
        ...

    def depth(self) -> Depth: ...

    def peek(self, events: int) -> Sequence[Record]:
        """The newest records that wait, about `events` of them, the oldest first. Claims nothing."""
        ...

    def check_room(self) -> None:
        """Return if there is room for more records now. Raises QueueFull."""
        ...

    def crowd(self) -> float:
        """How many appends of few events wait together in this process, on average of the last moments.

        0 when it is quiet.
        """
        ...

    def agree(self, name: str, value: str) -> bool:
        """Whether all processes that share it say the same of something; the first one decides."""
        ...

    def close(self) -> None:
        """Finish what was begun; later calls raise."""
        ...
