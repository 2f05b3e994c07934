"""Changes of profiles that were written before they had a node get it, whole and once."""

import itertools
from collections.abc import Sequence

import pytest

from eventlens.nodes import profile_node
from eventlens.store import profile_nodes
from eventlens.store.profile_nodes import fill_nodes

COLUMNS = "project_id, profile_id, property, toUnixTimestamp64Milli(timestamp), arrival, id, operation, value"
OURS = "FROM profile_changes FINAL WHERE startsWith(project_id, {p:String})"


def old_rows(project: str, count: int) -> dict[str, Sequence[object]]:
    """Changes as they were written then, some of one moment."""
    profiles = [f"p{number % 7} é'" for number in range(count)]
    return {
        "project_id": [project] * count,
        "profile_id": profiles,
        "property": ["plan" if number % 2 else "a.b" for number in range(count)],
        "timestamp": [1_700_000_000_123 + number // 3 for number in range(count)],
        "arrival": [1 << 60 | number for number in range(count)],
        "id": [f"i{number}" for number in range(count)],
        "operation": ["add" if number % 5 == 0 else "set" for number in range(count)],
        "value": ['{"x":"\\n"}'] * count,
        "node": [0] * count,
    }


_projects = (f"nodes-{number}" for number in itertools.count())


@pytest.fixture
def project() -> str:
    return next(_projects)


@pytest.mark.parametrize("rows", [1, 7, 20_000])
def test_old_rows_get_their_nodes(store, project, monkeypatch: pytest.MonkeyPatch, rows: int):
    monkeypatch.setattr(profile_nodes, "ROWS", rows)
    for name in (project, f"{project}-2"):
        store.insert("profile_changes", old_rows(name, 30), f"{name}-old")
    asked = f"SELECT {COLUMNS} {OURS} ORDER BY arrival, project_id"
    before = store.query(asked, {"p": project}).rows
    assert len(before) == 60
    assert fill_nodes(store) == 60
    assert store.query(asked, {"p": project}).rows == before
    nodes = store.query(f"SELECT DISTINCT profile_id, node {OURS}", {"p": project}).rows
    assert len(nodes) == 7
    assert all(node == profile_node(profile) for profile, node in nodes)
    assert fill_nodes(store) == 0
