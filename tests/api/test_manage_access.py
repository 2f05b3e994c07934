"""One table: every route of management × every kind of credentials × whose project and thing it names."""

from dataclasses import dataclass
from uuid import uuid4

import httpx
import pytest

from eventlens.accounts.management import Management
from eventlens.api.app import GATEWAY_PREFIX, ROUTES
from tests.support.inprocess import InProcess
from tests.support.project import Credentials, Project

CREDENTIALS = (
    "none", "malformed id", "unknown id", "wrong secret", "no secret", "revoked",
    "write", "read", "root", "other's write", "other's read", "other's root",
)  # fmt: skip  # one screen

NOBODY: dict[str, int] = dict.fromkeys(
    ("none", "malformed id", "unknown id", "wrong secret", "no secret", "revoked"), 401
)
OWN = {**NOBODY, "write": 403, "read": 403, "root": 200}
OWN |= {"other's write": 403, "other's read": 403, "other's root": 403}
# Without a project in the path everybody acts for their own.
WITHOUT = {**OWN, "other's root": 200}

PATH = [{"name": "path", "operator": "is", "value": ["/"]}]
BODIES: dict[str, object] = {
    "PATCH /manage/projects/{projectId}": {"name": "Renamed"},
    "POST /manage/projects/{projectId}/filters": {"kind": "ip", "value": "203.0.113.7"},
    "POST /manage/projects/{projectId}/clients": {"type": "write"},
    "PATCH /manage/projects/{projectId}/clients/{clientId}": {"name": "Renamed"},
    "POST /manage/projects/{projectId}/clients/{clientId}/rotate": {},
    "POST /manage/projects/{projectId}/segments": {
        "name": "Home",
        "filters": PATH,
    },
    "PATCH /manage/projects/{projectId}/segments/{segmentId}": {"name": "Renamed"},
    "POST /manage/projects/{projectId}/reports": {"name": "Month", "route": "metrics"},
    "PATCH /manage/projects/{projectId}/reports/{reportId}": {"name": "Renamed"},
}
TABLE: dict[str, dict[str, int]] = {
    "GET /manage/projects": WITHOUT,
    "GET /manage/projects/{projectId}": OWN,
    "GET /manage/projects/{projectId}/filters": OWN,
    "GET /manage/projects/{projectId}/clients": OWN,
    "DELETE /manage/projects/{projectId}/filters/{filterId}": OWN,
    "DELETE /manage/projects/{projectId}/clients/{clientId}": OWN,
    "GET /manage/projects/{projectId}/segments": OWN,
    "GET /manage/projects/{projectId}/segments/{segmentId}": OWN,
    "DELETE /manage/projects/{projectId}/segments/{segmentId}": OWN,
    "GET /manage/projects/{projectId}/reports": OWN,
    "GET /manage/projects/{projectId}/reports/{reportId}": OWN,
    "DELETE /manage/projects/{projectId}/reports/{reportId}": OWN,
    **dict.fromkeys(BODIES, OWN),
}


@dataclass
class Place:
    """A project with a filter, a client and a segment for each route to take away."""

    management: Management
    project: Project

    def ids(self) -> dict[str, str]:
        made, _ = self.management.clients.create(self.project.id, "write", "Web")
        added = self.management.filters.add(self.project.id, "event", uuid4().hex)
        segment = self.management.saved.create(self.project.id, "segment", "A", PATH)
        report = self.management.saved.create(self.project.id, "report", "R", {"route": "metrics"})
        return {
            "projectId": self.project.id,
            "clientId": made.id,
            "filterId": added.id,
            "segmentId": segment.id,
            "reportId": report.id,
        }

    def state(self) -> object:
        """All that could have been changed."""
        management, own = self.management, self.project.id
        return (
            management.projects.find(own),
            management.clients.list(own),
            management.filters.list(own),
            management.saved.list(own, "segment"),
            management.saved.list(own, "report"),
        )


@pytest.fixture
def own(inside: InProcess) -> Place:
    return Place(inside.runtime.services.management, inside.project())


@pytest.fixture
def other(inside: InProcess) -> Place:
    return Place(inside.runtime.services.management, inside.project("Other"))


@pytest.fixture
def credentials(own: Place, other: Place) -> dict[str, dict[str, str]]:
    revoked, secret = own.management.clients.create(own.project.id, "root")
    own.management.clients.revoke(revoked.id)
    mine, theirs = own.project, other.project
    return {
        "none": {},
        "malformed id": Credentials("me", mine.root.secret).headers,
        "unknown id": Credentials(str(uuid4()), mine.root.secret).headers,
        "wrong secret": Credentials(mine.root.id, "sec_" + "0" * 43).headers,
        "no secret": {"event-lens-client-id": mine.root.id},
        "revoked": Credentials(revoked.id, secret).headers,
        "write": mine.write.headers,
        "read": mine.read.headers,
        "root": mine.root.headers,
        "other's write": theirs.write.headers,
        "other's read": theirs.read.headers,
        "other's root": theirs.root.headers,
    }


def test_every_route_has_a_row() -> None:
    assert set(TABLE) == {f"{route.method} {route.path}" for route in ROUTES if route.tag == "management"}
    assert all(tuple(row) == CREDENTIALS for row in TABLE.values())
    assert all(route.access == "root" for route in ROUTES if route.path.startswith("/manage"))


def call(inside: InProcess, row: str, ids: dict[str, str], headers: dict[str, str], prefix: str = ""):
    method, _, path = row.partition(" ")
    return inside.http.request(method, prefix + path.format(**ids), json=BODIES.get(row), headers=headers)


@pytest.mark.parametrize("prefix", ["", GATEWAY_PREFIX])
@pytest.mark.parametrize("row", TABLE)
def test_access(
    inside: InProcess, own: Place, credentials: dict[str, dict[str, str]], row: str, prefix: str
) -> None:
    found: dict[str, int] = {}
    for kind, headers in credentials.items():
        ids = own.ids()
        before = own.state()
        found[kind] = call(inside, row, ids, headers, prefix).status_code
        assert found[kind] == 200 or own.state() == before, "whoever is refused changes nothing"
    assert found == TABLE[row]


@pytest.mark.parametrize("row", [row for row in TABLE if "{projectId}" in row])
def test_another_project_cannot_be_told_from_none(
    inside: InProcess, own: Place, other: Place, row: str
) -> None:
    before = other.ids(), other.state()
    headers = own.project.root.headers
    answers = [
        call(inside, row, {**before[0], "projectId": name}, headers)
        for name in (other.project.id, "no-such-project", "%00", "x" * 500)
    ]
    assert {answer.status_code for answer in answers} == {403}
    assert len({answer.text for answer in answers}) == 1
    assert other.state() == before[1]


@pytest.mark.parametrize("row", [row for row in TABLE if row.count("{") > 1])
def test_what_another_project_has_cannot_be_told_from_none(
    inside: InProcess, own: Place, other: Place, row: str
) -> None:
    theirs = other.ids()
    before = other.state()
    headers = own.project.root.headers
    unknown = {kind: str(uuid4()) for kind in ("clientId", "filterId", "segmentId", "reportId")}
    strange = {"clientId": "%00%ff", "filterId": "x" * 500, "segmentId": "%00%ff", "reportId": "x"}
    gone = own.ids()
    own.management.clients.revoke(gone["clientId"])
    own.management.filters.remove(own.project.id, gone["filterId"])
    own.management.saved.remove(own.project.id, "segment", gone["segmentId"])
    own.management.saved.remove(own.project.id, "report", gone["reportId"])
    answers: list[httpx.Response] = [
        call(inside, row, {**ids, "projectId": own.project.id}, headers)
        for ids in (theirs, unknown, strange, gone)
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert other.state() == before


def test_the_list_of_projects_is_one_s_own(inside: InProcess, own: Place, other: Place) -> None:
    for place in (own, other):
        listed = inside.http.get("/manage/projects", headers=place.project.root.headers).json()["data"]
        assert [each["id"] for each in listed] == [place.project.id]
