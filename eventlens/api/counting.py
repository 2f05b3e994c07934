"""What is counted of every request."""

from functools import lru_cache
from time import perf_counter

from eventlens.meters import ANSWERING, COLLECTED, COLLECTING, REQUESTS, Cell, Spread


def count(path: str, status: int, began: float) -> None:
    """Count an answer of collection; `began` by `perf_counter`. From the event loop only: nothing locks."""
    cell, spread = _of(path, status)
    cell.value += 1
    spread.observe(perf_counter() - began)


@lru_cache(maxsize=1024)  # every path of the table with every status
def _of(path: str, status: int) -> tuple[Cell, Spread]:
    return COLLECTED.cell(path, int(status)), COLLECTING.spread(path)


def count_request(method: str, route: str, status: int, began: float) -> None:
    """Count an answer of any other route; `route` as the table has it."""
    REQUESTS.add(1, method, route, int(status))
    ANSWERING.observe(perf_counter() - began, method, route)
