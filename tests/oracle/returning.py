"""Retention the slow and obvious way: sets of people by bucket."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from tests.oracle.conditions import Condition, holds, texts_of
from tests.oracle.model import LABELS, Event, Oracle


class Asked(NamedTuple):
    """What is asked about days of the oracle's zone, both included. An event of no name is any."""

    start: date
    end: date
    period: str
    mode: str = "on"
    cohort: str = "first"
    start_event: str | None = None
    return_event: str | None = None
    start_filters: Condition | None = None
    return_filters: Condition | None = None


def of_kind(name: str | None, filters: Condition | None) -> Callable[[Event], bool]:
    return lambda event: (
        (name is None or event.sent.name == name) and (filters is None or holds(filters, event))
    )


def people_by_cell(
    oracle: Oracle, asked: Asked, value: Callable[[Event], bool] = lambda _: True
) -> dict[tuple[str, int], set[str]]:
    """(cohort's date, periods after it) → who. `value`: which of the starting events count."""
    label = LABELS[asked.period]
    inside, _ = oracle.select(asked.start, asked.end)
    ever = [event for event in oracle.everything if oracle.keep(event)]
    starts = of_kind(asked.start_event, asked.start_filters)
    returns = of_kind(asked.return_event, asked.return_filters)

    def of(events: Iterable[Event], wanted: Callable[[Event], bool]) -> dict[str, list[tuple[int, str]]]:
        """Person → (time, bucket) of its wanted events."""
        found: dict[str, list[tuple[int, str]]] = {}
        for event in events:
            person = oracle.people.of(event)
            if person and wanted(event):
                found.setdefault(person, []).append((event.sent.at, label(oracle.local(event.sent.at))))
        return found

    began = of(ever if asked.cohort == "first_ever" else inside, lambda event: starts(event) and value(event))
    came = of(inside, returns)
    buckets = oracle.buckets(asked.start, asked.end, asked.period)
    cells: dict[tuple[str, int], set[str]] = {
        (bucket, after): set()
        for number, bucket in enumerate(buckets)
        for after in range(len(buckets) - number)
    }
    for person, times in began.items():
        at, first = min(times)
        if asked.cohort == "first_ever" and not within(oracle, at, asked):
            continue
        for cohort in {bucket for _, bucket in times} if asked.cohort == "recurring" else {first}:
            place = buckets.index(cohort)
            cells[cohort, 0].add(person)
            seen = {buckets.index(bucket) - place for _, bucket in came.get(person, [])}
            for after in range(1, len(buckets) - place):
                if after in seen or (asked.mode == "on_or_after" and max(seen, default=0) >= after):
                    cells[cohort, after].add(person)
    return cells


def within(oracle: Oracle, at: int, asked: Asked) -> bool:
    return asked.start <= oracle.local(at).date() <= asked.end


def complete(oracle: Oracle, asked: Asked) -> list[bool]:
    """Whether each bucket of the range lies in it with all its days."""
    label = LABELS[asked.period]
    found = []
    for bucket in oracle.buckets(asked.start, asked.end, asked.period):
        first = date.fromisoformat(bucket)
        days = {first + timedelta(days=number) for number in range(40)}
        days = {day for day in days if label(datetime.combine(day, datetime.min.time(), UTC)) == bucket}
        found.append(all(asked.start <= day <= asked.end for day in days))
    return found


def table(oracle: Oracle, asked: Asked, value: Callable[[Event], bool] = lambda _: True) -> dict[str, Any]:
    """`cohorts` and `average` as the answer has them."""
    cells = people_by_cell(oracle, asked, value)
    buckets = oracle.buckets(asked.start, asked.end, asked.period)
    over = complete(oracle, asked)
    cohorts = []
    for number, bucket in enumerate(buckets):
        values = [len(cells[bucket, after]) for after in range(len(buckets) - number)]
        cohorts.append({"date": bucket, "size": values[0], "values": values, "complete": over[number:]})
    average: list[float | None] = []
    for after in range(len(buckets)):
        known = [row for row in cohorts if len(row["values"]) > after and row["complete"][after]]
        size = sum(row["size"] for row in known)
        back = sum(row["values"][after] for row in known)
        average.append(None if not known else 100 * back / size if size else 0.0)
    return {"cohorts": cohorts, "average": average}


def values_of(oracle: Oracle, asked: Asked, dimension: str) -> list[str]:
    """The values with which people began in the range, those of most people first."""
    inside, _ = oracle.select(asked.start, asked.end)
    starts = of_kind(asked.start_event, asked.start_filters)
    people: dict[str, set[str]] = {}
    for event in inside:
        for text in texts_of(dimension, event) if starts(event) else []:
            people.setdefault(text, set())
            if person := oracle.people.of(event):
                people[text].add(person)
    return sorted(people, key=lambda text: (-len(people[text]), text))
