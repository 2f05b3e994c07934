"""Filters: JSON becomes a condition, a condition becomes SQL; the same in every question."""

from eventlens.insights.filters.conditions import (
    Condition,
    Did,
    Group,
    Member,
    Not,
    ProfileTest,
    Test,
    Value,
    all_of,
    any_of_session,
    of_session,
    on_people,
    within,
)
from eventlens.insights.filters.names import PROFILE_PREFIX, profile_path
from eventlens.insights.filters.operators import OPERATORS, Operator, Subject
from eventlens.insights.filters.reading import decoded, event_named, read_condition, read_filters
from eventlens.insights.filters.resolver import Find, Resolver, SavedName
from eventlens.insights.filters.sql import (
    condition_sql,
    has_many,
    many_sql,
    sent_as_text_sql,
    text_sql,
)

__all__ = [
    "OPERATORS",
    "PROFILE_PREFIX",
    "Condition",
    "Did",
    "Find",
    "Group",
    "Member",
    "Not",
    "Operator",
    "ProfileTest",
    "Resolver",
    "SavedName",
    "Subject",
    "Test",
    "Value",
    "all_of",
    "any_of_session",
    "condition_sql",
    "decoded",
    "event_named",
    "has_many",
    "many_sql",
    "of_session",
    "on_people",
    "profile_path",
    "read_condition",
    "read_filters",
    "sent_as_text_sql",
    "text_sql",
    "within",
]
