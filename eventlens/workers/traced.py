"""What a stored batch tells the traces of the requests that are in it."""

import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager

from eventlens.queues.base import Claim, arrival_ms
from eventlens.tracing import CLIENT, CONSUMER, INTERNAL, Noted, Span, Tracer, inserts, parent_of

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


def tell(tracer: Tracer, claim: Claim, traces: Sequence[tuple[int, str]], began: int, notes: Noted) -> None:
    """How long each of the traced requests waited, and what storing its batch took. `began`: ns."""
    ended = time.time_ns()
    for arrival, context in traces[:_MOST]:
        found = parent_of(context)
        if found is None:
            continue
        came = min(arrival_ms(arrival) * 1_000_000, began)
        tracer.tell(Span("wait in the queue", INTERNAL, *found, came, end=began))
        about = {"eventlens.batch.events": claim.events, "eventlens.batch.retried": int(claim.retried)}
        stored = Span("store a batch", CONSUMER, *found, began, end=ended, attributes={**about})
        tracer.tell(stored)
        for table, start, end, size in notes:
            insert = stored.child(f"insert {table}", CLIENT, start)
            insert.end = end
            insert.attributes = {"db.collection.name": table, "eventlens.bytes": size}
            tracer.tell(insert)
