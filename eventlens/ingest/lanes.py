"""An applier for each lane of the queue that this process works on.

All that an applier knows without asking the store (seen ids, newest sessions, who is known) is true as
long as nobody else stores events of the same projects. That is what a lane is for: while a worker holds
one, it is the only one that applies its projects' events, and everything is as with a single worker. When
a lane was somebody else's meanwhile, its applier begins anew from what the store says.
"""

from collections.abc import Callable
from typing import Protocol

from eventlens.ingest.process import Batch
from eventlens.queues.base import Claim


class Applies(Protocol):
    """What is done with a lane's claims: `apply.Applier`."""

    def load(self) -> None: ...
    def apply(self, claim: Claim) -> Batch: ...
    def apply_apart(self, claim: Claim) -> Batch: ...


class Lanes:
    """Hands each claim to its lane's applier. One worker thread uses it."""

    def __init__(self, make: Callable[[int], Applies]) -> None:
        self._make = make
        self._appliers: dict[int, tuple[int, Applies]] = {}

    def load(self) -> None:
        """Nothing yet: which lanes there will be is the queue's to say."""

    def apply(self, claim: Claim) -> Batch:
        return self._applier(claim).apply(claim)

    def apply_apart(self, claim: Claim) -> Batch:
        return self._applier(claim).apply_apart(claim)

    def _applier(self, claim: Claim) -> Applies:
        tenure, applier = self._appliers.get(claim.lane, (None, None))
        if applier is None or tenure != claim.tenure:
            self._appliers.pop(claim.lane, None)
            applier = self._make(claim.lane)
            applier.load()
            self._appliers[claim.lane] = (claim.tenure, applier)
        return applier
