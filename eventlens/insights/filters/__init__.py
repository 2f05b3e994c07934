"""Filters: JSON from a request becomes a condition (`reading`), a condition becomes SQL (`sql`, `people`).

Values in one filter are OR for positive operators and AND for negated ones; filters join with AND;
`{"and":[…]}`, `{"or":[…]}` and `{"not":…}` nest. Nothing here asks the store or the catalog: what is saved
is found through a `Resolver`.
"""

from eventlens.insights.filters.conditions import (
    Condition,
    Did,
    Group,
    Member,
    Not,
    ProfileTest,
    Test,
    Value,
    any_of_session,
    of_session,
    on_people,
    within,
)
from eventlens.insights.filters.names import PROFILE_PREFIX, profile_path
from eventlens.insights.filters.operators import OPERATORS, Operator, Subject
from eventlens.insights.filters.reading import decoded, read_condition, read_filters
from eventlens.insights.filters.resolver import Find, Resolver, SavedName
from eventlens.insights.filters.sql import condition_sql, sent_as_text_sql, text_sql

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
    "any_of_session",
    "condition_sql",
    "decoded",
    "of_session",
    "on_people",
    "profile_path",
    "read_condition",
    "read_filters",
    "sent_as_text_sql",
    "text_sql",
    "within",
]
