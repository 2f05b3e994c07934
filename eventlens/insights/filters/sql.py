"""A condition becomes SQL that is true of a row where the condition holds."""

from typing import LiteralString

from eventlens.insights.binder import Binder
from eventlens.insights.dimensions import DIMENSIONS, Dimension, Path, property_paths
from eventlens.insights.filters.conditions import (
    Condition,
    Did,
    Group,
    Member,
    Not,
    ProfileTest,
    Test,
    any_of_session,
)
from eventlens.insights.filters.names import PROFILE_PREFIX, profile_path
from eventlens.insights.filters.operators import OPERATORS, Subject
from eventlens.insights.filters.people import DOING, did_sql, profile_sql, profile_text_sql


def condition_sql(condition: Condition, binder: Binder, alias: LiteralString = "e") -> LiteralString:
    """SQL that is true where the condition holds of a row of `alias`: events, or sessions if `of_session`.

    A condition on people refers to the parameter `project`, and to `start` and `end` where it is about the
    question's own span and nobody called `within`; plans have them.
    """
    match condition:
        case Test():
            return _test_sql(condition, binder, alias)
        case Group(every, ()):
            return "true" if every else "false"
        case Group(every, parts):
            joint: LiteralString = " AND " if every else " OR "
            return f"({joint.join([condition_sql(part, binder, alias) for part in parts])})"
        case Not(part):
            return f"NOT ({condition_sql(part, binder, alias)})"
        case Member(part):
            return f"({alias}.visitor != 0 AND {condition_sql(part, binder, alias)})"
        case Did():
            return _did_sql(condition, binder, alias)
        case ProfileTest():
            return profile_sql(condition, binder, alias)


def _did_sql(did: Did, binder: Binder, alias: LiteralString) -> LiteralString:
    own = did.condition
    return did_sql(
        did,
        binder,
        alias,
        "" if own is None else condition_sql(own, binder, DOING),
        stable=own is None or not any_of_session(own),
    )


def _test_sql(test: Test, binder: Binder, alias: LiteralString) -> LiteralString:
    operator = OPERATORS[test.operator]
    dimension = DIMENSIONS.get(test.name)
    if dimension is not None and dimension.many:
        one = operator.sql(Subject("one", numeric=False), test.values, binder)
        sql: LiteralString = f"arrayExists(one -> {one}, {_many(dimension, alias)})"
    else:
        sql = operator.sql(_subject(test.name, binder, alias), test.values, binder)
    return f"NOT ({sql})" if operator.negated else sql


def text_sql(name: str, binder: Binder, alias: LiteralString = "e") -> LiteralString:
    """SQL for a dimension or property as text, '' where unknown; several rows where an event has several.

    Those of people (`profile.<key>`, `cohort`) refer to the parameter `project`, which plans have.
    """
    if name.startswith(PROFILE_PREFIX):
        return profile_text_sql(profile_path(name, "dimension"), binder, alias)
    if has_many(name):
        return f"arrayJoin({many_sql(name, binder, alias)})"
    return _subject(name, binder, alias).text


def has_many(name: str) -> bool:
    """Whether one event may have several values of a dimension or property."""
    dimension = DIMENSIONS.get(name)
    return name == "cohort" or (dimension is not None and dimension.many)


def many_sql(name: str, binder: Binder, alias: LiteralString = "e") -> LiteralString:
    """SQL for the array of an event's values of what `has_many`: at least one, '' where there is none."""
    return _cohorts_sql(binder, alias) if name == "cohort" else _many(DIMENSIONS[name], alias)


def _cohorts_sql(binder: Binder, alias: LiteralString) -> LiteralString:
    """The ids of the project's cohorts of which an event's person is one."""
    among: list[LiteralString] = [
        f"if({condition_sql(condition, binder, alias)}, {binder.bind(cohort, 'String')}, '')"
        for cohort, condition in binder.cohorts()
    ]
    found: LiteralString = f"arrayFilter(cohort -> cohort != '', [{', '.join([*among, _NO_COHORT])}])"
    return f"if(empty({found}), [''], {found})"


_NO_COHORT: LiteralString = "''"


def sent_as_text_sql(name: str, binder: Binder, alias: LiteralString = "e") -> LiteralString:
    """SQL that is true where a property was sent as a JSON text, whatever it says."""
    places = _places(property_paths(name, "filters"), binder, alias)
    kinds: list[LiteralString] = [f"nullIf(JSONType({place}), 'Null')" for place in places]
    return f"ifNull(coalesce({', '.join(kinds)}) = 'String', false)"


def _subject(name: str, binder: Binder, alias: LiteralString) -> Subject:
    dimension = DIMENSIONS.get(name)
    if dimension is None:
        return _property(property_paths(name, "filters"), binder, alias)
    if dimension.many:
        return Subject(f"arrayJoin({_many(dimension, alias)})", numeric=False)
    column = f"{alias}.{dimension.column}"
    if dimension.numeric:
        return Subject(f"ifNull(toString({column}), '')", numeric=True)
    return Subject(column, numeric=False)


def _many(dimension: Dimension, alias: LiteralString) -> LiteralString:
    """The values that an event has of a dimension: at least one."""
    column = f"{alias}.{dimension.column}"
    return f"if(empty({column}), [''], {column})"


def _property(paths: tuple[Path, ...], binder: Binder, alias: LiteralString) -> Subject:
    """A property: what lies at the first of some paths at which there is anything."""
    places = _places(paths, binder, alias)
    texts: list[LiteralString] = [f"JSONExtract({place}, 'Nullable(String)')" for place in places]
    arrays: list[LiteralString] = [f"JSONExtract({place}, 'Array(Nullable(String))')" for place in places]
    members: LiteralString = arrays[-1]
    for text, array in zip(texts[-2::-1], arrays[-2::-1], strict=True):
        members = f"if(isNull({text}), {members}, {array})"
    return Subject(
        f"coalesce({', '.join(texts)}, '')", numeric=True, members=members, within=f"{alias}.properties"
    )


def _places(paths: tuple[Path, ...], binder: Binder, alias: LiteralString) -> list[LiteralString]:
    """What JSON functions take to look at each of some paths."""
    return [
        ", ".join([f"{alias}.properties", *(binder.bind(key, "String") for key in path)]) for path in paths
    ]
