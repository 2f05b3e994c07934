"""Dead letters as the worker leaves them."""

from eventlens.queues.base import Queue, Record


def bury(queue: Queue, body: bytes, error: str = "reason", events: int = 1) -> Record:
    """Append a record, claim everything, set the record aside and forget the rest."""
    queue.append_now(body, events)
    claim = queue.claim(10_000)
    assert claim is not None
    queue.acknowledge(claim, {}, [(claim.records[-1], error)])
    return claim.records[-1]
