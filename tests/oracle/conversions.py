"""Series, revenue, goals and attribution, the slow way: plain loops, written from docs/semantics.md."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from statistics import mean, median
from typing import Any

from tests.oracle.model import VIEW, Event, Oracle, Session, ratio

DAY = 86_400_000
Keep = Callable[[Event], bool]
Value = Callable[[Event], str | None]
OTHER = "(other)"


def number_of(event: Event) -> float | None:
    """The property n as a number: a text counts if it reads as one, truth values do not."""
    value = (event.sent.properties or {}).get("n")
    if isinstance(value, bool) or value is None:
        return None
    try:
        return float(value)
    except ValueError:
        return None


def money_of(event: Event) -> tuple[int, str]:
    properties = event.sent.properties or {}
    return properties.get("__revenue", 0), properties.get("currency", "")


def source(session: Session) -> str | None:
    return session.first.sent.utm_source or None


class Conversions:
    """Answers about days of an oracle's project."""

    def __init__(self, oracle: Oracle) -> None:
        self.oracle = oracle

    def people(self, events: Iterable[Event]) -> set[str]:
        return {person for event in events if (person := self.oracle.people.of(event))}

    def days(self, start: date, end: date) -> list[date]:
        return [start + timedelta(days=at) for at in range((end - start).days + 1)]

    # --- series ---

    def metric(self, name: str, keep: Keep, start: date, end: date) -> float | None:
        events, sessions = self.oracle.select(start, end, keep)
        numbers = [number for event in events if (number := number_of(event)) is not None]
        people = len(self.people(events))
        return {
            "total_events": lambda: len(events),
            "unique_visitors": lambda: people,
            "total_sessions": lambda: len(sessions),
            "events_per_visitor": lambda: len(events) / people if people else None,
            "sum": lambda: sum(numbers),
            "avg": lambda: mean(numbers) if numbers else None,
            "min": lambda: min(numbers, default=None),
            "max": lambda: max(numbers, default=None),
            "median": lambda: median(numbers) if numbers else None,
            "sum_per_visitor": lambda: sum(numbers) / people if people else None,
        }[name]()

    def line(self, name: str, keep: Keep, start: date, end: date) -> dict[str, Any]:
        """A line's total and its points by day."""
        points = [self.metric(name, keep, day, day) for day in self.days(start, end)]
        return {"total": self.metric(name, keep, start, end), "points": points}

    def places(self, value: Value, size: Callable[[Keep], Any], count: int) -> list[tuple[str | None, Keep]]:
        """The values of the largest sizes above 0, each with who belongs to it; all others last."""
        values = {value(event) for event in self.oracle.everything}

        def of(one: str | None) -> Keep:
            return lambda event: value(event) == one

        sized = [(size(of(one)), one) for one in values]
        top = sorted((each for each in sized if each[0]), key=lambda each: (-each[0], each[1] or ""))[:count]
        shown = [one for _, one in top]
        return [*((one, of(one)) for one in shown), (OTHER, lambda event: value(event) not in shown)]

    # --- revenue ---

    def earned(self, keep: Keep, start: date, end: date) -> dict[str, dict[str, Any]]:
        """By currency, what the events earned."""
        events, _ = self.oracle.select(start, end, keep)
        visitors = len(self.people(events))
        by_currency: dict[str, list[Event]] = defaultdict(list)
        for event in events:
            if money_of(event)[0]:
                by_currency[money_of(event)[1]].append(event)
        return {
            currency: {
                "amount": sum(money_of(event)[0] for event in some),
                "orders": len(some),
                "average_order": mean(money_of(event)[0] for event in some),
                "paying_visitors": len(self.people(some)),
                "revenue_per_visitor": (
                    sum(money_of(event)[0] for event in some) / visitors if visitors else None
                ),
            }
            for currency, some in by_currency.items()
        }

    # --- goals ---

    def goal(self, reached: Keep, start: date, end: date, keep: Keep) -> dict[str, Any]:
        """The numbers of a goal among the events that are kept."""
        events, sessions = self.oracle.select(start, end, keep)
        converted, converting = self.oracle.select(start, end, lambda event: keep(event) and reached(event))
        unique, visitors = len(self.people(converted)), len(self.people(events))
        return {
            "unique_conversions": unique,
            "total_conversions": len(converted),
            "conversion_rate": 100 * ratio(unique, visitors),
            "converting_sessions": len(converting),
            "session_conversion_rate": 100 * ratio(len(converting), len(sessions)),
            "visitors": visitors,
            "sessions": len(sessions),
            "revenue": {
                currency: numbers["amount"]
                for currency, numbers in self.earned(
                    lambda event: keep(event) and reached(event), start, end
                ).items()
            },
        }

    # --- attribution ---

    def touches(self, conversion: Event, lookback_days: int) -> list[Session]:
        """The sessions of the person that began up to so many days before, in order."""
        person, at = self.oracle.people.of(conversion), conversion.sent.at
        found = [
            session
            for session in self.oracle.every_session
            if person is not None
            and self.oracle.people.of_session(session) == person
            and at - lookback_days * DAY <= session.start <= at
        ]
        return sorted(found, key=lambda session: session.start)

    def credited(self, conversion: Event, model: str, lookback_days: int) -> str | None:
        """The utm_source to which a conversion is credited."""
        touches = self.touches(conversion, lookback_days)
        if model == "last_non_direct":
            touches = [each for each in touches if each.first.sent.utm_source or each.first.sent.referrer]
        if not touches:
            return None
        return source(touches[0] if model == "first" else touches[-1])

    def attribution(
        self, reached: Keep, model: str, lookback_days: int, start: date, end: date
    ) -> dict[str | None, dict[str, Any]]:
        events, _ = self.oracle.select(start, end, reached)
        by_value: dict[str | None, list[Event]] = defaultdict(list)
        for event in events:
            by_value[self.credited(event, model, lookback_days)].append(event)
        return {
            value: {
                "conversions": len(some),
                "converters": len(self.people(some)),
                "share": 100 * len(some) / len(events),
            }
            for value, some in by_value.items()
        }

    def ambiguous(self) -> bool:
        """Whether two sessions of a person begin at the same instant: which is first, nobody has said."""
        begun = [
            (self.oracle.people.of_session(session), session.start) for session in self.oracle.every_session
        ]
        return len(set(begun)) < len(begun)


def is_view_of(path: str) -> Keep:
    return lambda event: event.sent.name == VIEW and event.sent.path == path


def is_event(name: str) -> Keep:
    return lambda event: event.sent.name == name
