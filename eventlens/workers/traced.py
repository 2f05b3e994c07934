"""What a stored batch tells the traces of the requests that are in it."""

import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from eventlens.queues.base import Claim, arrival_ms
from eventlens.tracing import Noted, inserts

if TYPE_CHECKING:
    from eventlens.spans import Tracer

_MOST = 200
"""Requests of one batch that are told of."""


@contextmanager
def noted() -> Generator[Noted]:
    """Let the store note the inserts that this thread makes within the block."""
    notes: Noted = []
    token = inserts.set(notes)
    try:
        yield notes
    finally:
        inserts.reset(token)


def tell(tracer: "Tracer", claim: Claim, traces: Sequence[tuple[int, str]], began: int, notes: Noted) -> None:
    """How long each of the traced requests waited, and what storing its batch took. `began`: ns."""
    ended = time.time_ns()
    about = {"eventlens.batch.events": claim.events, "eventlens.batch.retried": int(claim.retried)}
    for arrival, traceparent in traces[:_MOST]:
        request = tracer.read(traceparent)
        if request is None:
            continue
        came = min(arrival_ms(arrival) * 1_000_000, began)
        tracer.tell("wait in the queue", "internal", request, came, began)
        stored = tracer.tell("store a batch", "consumer", request, began, ended, about)
        for table, start, end, size in notes:
            insert = {"db.collection.name": table, "eventlens.bytes": size}
            tracer.tell(f"insert {table}", "client", stored, start, end, insert)
