"""The people behind a number of `retention`, page by page in the order of their keys."""

from dataclasses import dataclass
from typing import NamedTuple

from msgspec import Struct

from eventlens.errors import InvalidInput
from eventlens.insights.cursors import read_place, write_place
from eventlens.insights.people import profiles_of, spoken_of, visitor_id
from eventlens.insights.plan import Plan
from eventlens.insights.question import Question
from eventlens.insights.retention import Frame, Returning
from eventlens.insights.retention_sql import people_sql
from eventlens.store.base import Store


class CellPerson(Struct, rename="camel"):
    """Somebody: the person's key, and the profile it is called by (null: anonymous)."""

    visitor_id: str
    profile_id: str | None


class PeoplePage(NamedTuple):
    """Rows, and the cursor of the next page; None at the end."""

    rows: list[CellPerson]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Cell:
    """A number of the table: the date of its cohort, and how many periods after it."""

    date: str
    index: int


def retained(
    store: Store, question: Question, asked: Returning, cell: Cell, now: int, after: int = 0
) -> PeoplePage:
    """Those of a cohort who came back `cell.index` periods later; all of it for 0. Raises InvalidInput."""
    cohort, at = _place(Frame.of(question, now), cell)
    plan = Plan(question)
    sql = people_sql(plan, asked.events, cohort, at)
    plan.binder.name("after", after, "UInt64")
    found: list[int] = [row[0] for row in plan.run(store, sql).rows]
    here, more = found[: question.limit], len(found) > question.limit
    known = spoken_of(store, question.project_id, here) | profiles_of(store, question.project_id, here)
    rows = [CellPerson(visitor_id(each), known[each][0] if each in known else None) for each in here]
    return PeoplePage(rows, write_place(here[-1]) if more else None)


def read_people_cursor(text: str) -> int:
    """The person that a cursor names. Raises InvalidInput."""
    return read_place(text, (20,))[0]


def _place(frame: Frame, cell: Cell) -> tuple[int, int]:
    dates = [bucket.date for bucket in frame.buckets]
    if cell.date not in dates:
        raise InvalidInput(
            f"{cell.date[:100]!r} is no cohort's date; they are from {dates[0]} to {dates[-1]}.", field="date"
        )
    cohort = dates.index(cell.date)
    if cohort + cell.index >= len(dates):
        raise InvalidInput(f"index is from 0 to {len(dates) - 1 - cohort} for this cohort.", field="index")
    return cohort, cohort + cell.index
