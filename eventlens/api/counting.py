"""What is counted of every request."""

from functools import lru_cache
from time import perf_counter

from prometheus_client import Counter, Histogram

from eventlens.meters import ANSWERING, COLLECTED, COLLECTING, REQUESTS


def count(path: str, status: int, began: float) -> None:
    """Count an answer of collection; `began` by `perf_counter`."""
    counter, times = _of(path, status)
    counter.inc()
    times.observe(perf_counter() - began)


@lru_cache(maxsize=1024)  # every path of the table with every status
def _of(path: str, status: int) -> tuple[Counter, Histogram]:
    return COLLECTED.labels(path, int(status)), COLLECTING.labels(path)


def count_request(method: str, route: str, status: int, began: float) -> None:
    """Count an answer of any other route; `route` as the table has it."""
    REQUESTS.labels(method, route, int(status)).inc()
    ANSWERING.labels(method, route).observe(perf_counter() - began)
