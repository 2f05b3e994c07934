"""What clients say of when something happened, as milliseconds since the epoch."""

from datetime import UTC, datetime

_SECONDS_BELOW = 10**11
"""Numbers below are seconds (up to the year 5138), all others milliseconds (since March 1973)."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_time(value: str | float) -> int | None:
    """A stated time, text or number, in milliseconds; None when it is no time. May lie before 1970."""
    if isinstance(value, str):
        return parse_time(value)
    return int(value * 1000 if -_SECONDS_BELOW < value < _SECONDS_BELOW else value)


def parse_time(text: str) -> int | None:
    """ISO 8601 (without an offset: UTC) as milliseconds since the epoch; None when it is no time."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        delta = moment - _EPOCH
    except (ValueError, OverflowError):
        return None
    return (delta.days * 86_400 + delta.seconds) * 1000 + delta.microseconds // 1000
