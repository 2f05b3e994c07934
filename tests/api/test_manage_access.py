"""One table: every route of management × every kind of credentials × whose project and thing it names."""

from dataclasses import dataclass
from uuid import uuid4

import httpx
import pytest

from eventlens.accounts.management import Management
from eventlens.accounts.members import Place
from eventlens.accounts.saved import SavedKind
from eventlens.accounts.shares import Shares
from eventlens.api.app import GATEWAY_PREFIX, ROUTES
from eventlens.clock import to_datetime
from eventlens.queues.base import Queue
from tests.api.test_manage_dead_letters import buried
from tests.support.inprocess import InProcess
from tests.support.people import Headers, add_user, make_member, people_of, project_apart, signed_in_as
from tests.support.project import Credentials, Project

CREDENTIALS = (
    "none", "malformed id", "unknown id", "wrong secret", "no secret", "revoked",
    "write", "read", "root", "other's write", "other's read", "other's root",
    "signed out", "viewer", "editor", "admin", "owner", "outsider", "no csrf",
)  # fmt: skip  # one screen

NOBODY: dict[str, int] = dict.fromkeys(
    ("none", "malformed id", "unknown id", "wrong secret", "no secret", "revoked"), 401
)
OWN = {**NOBODY, "write": 403, "read": 403, "root": 200}
OWN |= {"other's write": 403, "other's read": 403, "other's root": 403, "signed out": 401}
OWN |= {"viewer": 403, "editor": 403, "admin": 200, "owner": 200, "outsider": 403, "no csrf": 403}
EDIT = {**OWN, "editor": 200}
LOOK = {**EDIT, "viewer": 200, "no csrf": 200}
EDITORS_LOOK = {**EDIT, "no csrf": 200}
ADMINS_LOOK = {**OWN, "no csrf": 200}
# Without a project in the path everybody acts for their own.
WITHOUT = {**LOOK, "other's root": 200, "outsider": 200}
# An organisation has no clients.
NO_CLIENTS = dict.fromkeys(("root", "other's root"), 403)

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
_PROJECT = "/manage/projects/{projectId}"
_ORGANISATION = "/manage/organisations/{organisationId}"
BODIES |= {f"POST {place}/invitations": {"role": "viewer"} for place in (_PROJECT, _ORGANISATION)}
BODIES |= {f"PATCH {place}/members/{{userId}}": {"role": "editor"} for place in (_PROJECT, _ORGANISATION)}
BODIES |= {
    "POST /manage/projects": {"name": "New"},
    "POST /manage/organisations": {"name": "New"},
    f"PATCH {_ORGANISATION}": {"name": "Renamed"},
}
BODIES |= {
    f"POST {_PROJECT}/annotations": {"at": "2026-03-02T09:00:00Z", "text": "Out"},
    f"PATCH {_PROJECT}/annotations/{{annotationId}}": {"text": "In"},
    f"POST {_PROJECT}/dashboards": {"name": "D"},
    f"PATCH {_PROJECT}/names": {"kind": "event", "name": "signup", "label": "Sign-up"},
    f"POST {_PROJECT}/shares": {"name": "S"},
    f"POST {_PROJECT}/delete": {"name": "another"},
    f"PATCH {_PROJECT}/dashboards/{{dashboardId}}": {"name": "E"},
}
PARAMETERS = {
    f"{_PROJECT}/people": {"profileId": "nobody"},
    f"DELETE {_PROJECT}/names": {"kind": "event", "name": "signup"},
}
TABLE: dict[str, dict[str, int]] = {
    f"GET {_PROJECT}/dead-letters": ADMINS_LOOK,
    f"GET {_PROJECT}/dead-letters/{{letterId}}": ADMINS_LOOK,
    f"POST {_PROJECT}/dead-letters/{{letterId}}/replay": OWN,
    f"DELETE {_PROJECT}/dead-letters/{{letterId}}": OWN,
    f"GET {_PROJECT}/people/export": ADMINS_LOOK,
    f"DELETE {_PROJECT}/people": OWN,
    f"GET {_PROJECT}/annotations": LOOK,
    f"POST {_PROJECT}/annotations": EDIT,
    f"PATCH {_PROJECT}/annotations/{{annotationId}}": EDIT,
    f"DELETE {_PROJECT}/annotations/{{annotationId}}": EDIT,
    f"GET {_PROJECT}/dashboards": LOOK,
    f"POST {_PROJECT}/dashboards": EDIT,
    f"GET {_PROJECT}/dashboards/{{dashboardId}}": LOOK,
    f"PATCH {_PROJECT}/dashboards/{{dashboardId}}": EDIT,
    f"DELETE {_PROJECT}/dashboards/{{dashboardId}}": EDIT,
    f"GET {_PROJECT}/names": LOOK,
    f"PATCH {_PROJECT}/names": EDIT,
    f"DELETE {_PROJECT}/names": EDIT,
    "GET /manage/projects": WITHOUT,
    "POST /manage/projects": {**OWN, **NO_CLIENTS, "outsider": 200},
    "GET /manage/usage": WITHOUT,
    f"GET {_PROJECT}/shares": EDITORS_LOOK,
    f"POST {_PROJECT}/shares": EDIT,
    f"DELETE {_PROJECT}/shares/{{shareId}}": EDIT,
    f"GET {_PROJECT}": LOOK,
    f"PATCH {_PROJECT}": OWN,
    f"POST {_PROJECT}/delete": {**OWN, **NO_CLIENTS, "admin": 403, "owner": 400},
    f"GET {_PROJECT}/filters": LOOK,
    f"POST {_PROJECT}/filters": OWN,
    f"DELETE {_PROJECT}/filters/{{filterId}}": OWN,
    f"GET {_PROJECT}/clients": EDITORS_LOOK,
    f"POST {_PROJECT}/clients": OWN,
    f"PATCH {_PROJECT}/clients/{{clientId}}": OWN,
    f"POST {_PROJECT}/clients/{{clientId}}/rotate": OWN,
    f"DELETE {_PROJECT}/clients/{{clientId}}": OWN,
    f"GET {_PROJECT}/segments": LOOK,
    f"POST {_PROJECT}/segments": EDIT,
    f"GET {_PROJECT}/segments/{{segmentId}}": LOOK,
    f"PATCH {_PROJECT}/segments/{{segmentId}}": EDIT,
    f"DELETE {_PROJECT}/segments/{{segmentId}}": EDIT,
    f"GET {_PROJECT}/reports": LOOK,
    f"POST {_PROJECT}/reports": EDIT,
    f"GET {_PROJECT}/reports/{{reportId}}": LOOK,
    f"PATCH {_PROJECT}/reports/{{reportId}}": EDIT,
    f"DELETE {_PROJECT}/reports/{{reportId}}": EDIT,
    f"GET {_PROJECT}/members": LOOK,
    f"PATCH {_PROJECT}/members/{{userId}}": OWN,
    f"DELETE {_PROJECT}/members/{{userId}}": OWN,
    f"GET {_PROJECT}/invitations": ADMINS_LOOK,
    f"GET {_PROJECT}/audit": ADMINS_LOOK,
    f"GET {_ORGANISATION}/audit": {**ADMINS_LOOK, **NO_CLIENTS},
    f"POST {_PROJECT}/invitations": OWN,
    f"DELETE {_PROJECT}/invitations/{{invitationId}}": OWN,
    "GET /manage/organisations": {**WITHOUT, **NO_CLIENTS},
    "POST /manage/organisations": {**OWN, **NO_CLIENTS, "admin": 403, "owner": 403},
    f"GET {_ORGANISATION}": {**LOOK, **NO_CLIENTS},
    f"PATCH {_ORGANISATION}": {**OWN, **NO_CLIENTS},
    f"DELETE {_ORGANISATION}": {**OWN, **NO_CLIENTS, "admin": 403, "owner": 409},
    f"GET {_ORGANISATION}/members": {**LOOK, **NO_CLIENTS},
    f"PATCH {_ORGANISATION}/members/{{userId}}": {**OWN, **NO_CLIENTS},
    f"DELETE {_ORGANISATION}/members/{{userId}}": {**OWN, **NO_CLIENTS},
    f"GET {_ORGANISATION}/invitations": {**ADMINS_LOOK, **NO_CLIENTS},
    f"POST {_ORGANISATION}/invitations": {**OWN, **NO_CLIENTS},
    f"DELETE {_ORGANISATION}/invitations/{{invitationId}}": {**OWN, **NO_CLIENTS},
}


@dataclass
class Own:
    """A project with a filter, a client and a segment for each route to take away."""

    inside: InProcess
    project: Project

    @property
    def management(self) -> Management:
        return self.inside.runtime.services.management

    def ids(self, row: str) -> dict[str, str]:
        """Where the project is, and what the row's path names, made for it."""
        own = self.project.id
        makers = {
            "userId": self._member,
            "invitationId": self._invitation,
            "clientId": lambda: self.management.clients.create(self.project.id, "write", "Web")[0].id,
            "letterId": lambda: str(buried(self.queue, own, "A")),
            "filterId": lambda: self.management.filters.add(self.project.id, "event", uuid4().hex).id,
            "segmentId": lambda: self._saved("segment", PATH),
            "annotationId": lambda: self.management.annotations.create(own, to_datetime(0), "A", "").id,
            "shareId": lambda: self.shares.create(own, "S", "").id,
            "dashboardId": lambda: self.management.dashboards.create(own, "D", []).id,
            "reportId": lambda: self._saved("report", {"route": "metrics"}),
        }
        made = {name: make() for name, make in makers.items() if f"{{{name}}}" in row}
        return {"projectId": self.project.id, "organisationId": self.place.organisation_id, **made}

    @property
    def shares(self) -> Shares:
        return self.inside.runtime.services.people.shares

    @property
    def queue(self) -> Queue:
        return self.inside.runtime.queue

    @property
    def place(self) -> Place:
        return self.inside.runtime.services.people.members.place_of(self.project.id)

    def _saved(self, kind: SavedKind, definition: object) -> str:
        return self.management.saved.create(self.project.id, kind, "A", definition).id

    def _member(self) -> str:
        """Of the project and of its organisation: each route takes its own away."""
        member = add_user(self.inside)
        for each in (Place(self.place.organisation_id), self.place):
            make_member(self.inside, member.id, each, "viewer")
        return member.id

    def _invitation(self) -> str:
        people = self.inside.runtime.services.people
        return people.invitations.create(self.place, "viewer", "", None, "")[0].id

    def forget(self, ids: dict[str, str]) -> None:
        """Take away what `ids` made."""
        people, own = self.inside.runtime.services.people, self.project.id
        takers = {
            "userId": people.users.remove,
            "invitationId": lambda one: people.invitations.withdraw(self.place, one),
            "clientId": self.management.clients.revoke,
            "letterId": lambda one: self.queue.discard_dead_letters([int(one)]),
            "filterId": lambda one: self.management.filters.remove(own, one),
            "annotationId": lambda one: self.management.annotations.remove(own, one),
            "shareId": lambda one: self.shares.remove(own, one),
            "dashboardId": lambda one: self.management.dashboards.remove(own, one),
            "segmentId": lambda one: self.management.saved.remove(own, "segment", one),
            "reportId": lambda one: self.management.saved.remove(own, "report", one),
        }
        for name, value in ids.items():
            if name in takers:
                takers[name](value)

    def owner(self) -> Headers:
        """An owner of the project's organisation, signed in."""
        members = self.inside.runtime.services.people.members
        return signed_in_as(self.inside, Place(members.place_of(self.project.id).organisation_id), "owner")

    def state(self) -> object:
        """All that could have been changed."""
        management, own = self.management, self.project.id
        people = self.inside.runtime.services.people
        place = people.members.place_of(own)
        return (
            management.projects.find(own),
            management.clients.list(own),
            management.filters.list(own),
            management.saved.list(own, "segment"),
            management.saved.list(own, "report"),
            management.annotations.list(own),
            management.dashboards.list(own),
            management.names.list(own),
            self.shares.list(own),
            [each.id for each in self.queue.dead_letters(100)],
            people.members.list(place),
            people.members.list(Place(place.organisation_id)),
            people.invitations.list(Place(place.organisation_id)),
            people.organisations.find(place.organisation_id),
        )


@pytest.fixture(scope="module")
def own(inside: InProcess) -> Own:
    return Own(inside, project_apart(inside))


@pytest.fixture(scope="module")
def other(inside: InProcess) -> Own:
    return Own(inside, project_apart(inside))


@pytest.fixture(scope="module")
def credentials(own: Own, other: Own) -> dict[str, dict[str, str]]:
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
        **people_of(own.inside, mine.id, theirs.id),
    }


def test_every_route_has_a_row() -> None:
    assert set(TABLE) == {f"{route.method} {route.path}" for route in ROUTES if route.tag == "management"}
    assert all(tuple(row) == CREDENTIALS for row in TABLE.values())
    assert all(route.action is not None for route in ROUTES if route.path.startswith("/manage"))


def call(inside: InProcess, row: str, ids: dict[str, str], headers: dict[str, str], prefix: str = ""):
    method, _, path = row.partition(" ")
    params = next((given for part, given in PARAMETERS.items() if part in row), None)
    address = prefix + path.format(**ids)
    return inside.http.request(method, address, params=params, json=BODIES.get(row), headers=headers)


@pytest.mark.parametrize("prefix", ["", GATEWAY_PREFIX])
@pytest.mark.parametrize("row", TABLE)
def test_access(
    inside: InProcess, own: Own, credentials: dict[str, dict[str, str]], row: str, prefix: str
) -> None:
    found: dict[str, int] = {}
    ids, before = own.ids(row), own.state()
    for kind, headers in credentials.items():
        found[kind] = call(inside, row, ids, headers, prefix).status_code
        if found[kind] == 200:
            ids, before = own.ids(row), own.state()
        else:
            assert own.state() == before, "whoever is refused changes nothing"
    assert found == TABLE[row]


@pytest.mark.parametrize("who", ["root", "owner"])
@pytest.mark.parametrize("row", [row for row in TABLE if "{" in row])
def test_another_place_cannot_be_told_from_none(
    inside: InProcess, own: Own, other: Own, row: str, who: str
) -> None:
    before = other.ids(row), other.state()
    headers = own.project.root.headers if who == "root" else own.owner()
    kind = "projectId" if "{projectId}" in row else "organisationId"
    answers = [
        call(inside, row, {**before[0], kind: name}, headers)
        for name in (before[0][kind], "no-such-place", "%00", "x" * 500)
    ]
    assert {answer.status_code for answer in answers} == {403}
    assert len({answer.text for answer in answers}) == 1
    assert other.state() == before[1]


@pytest.mark.parametrize("row", [row for row in TABLE if row.count("{") > 1])
def test_what_another_project_has_cannot_be_told_from_none(
    inside: InProcess, own: Own, other: Own, row: str
) -> None:
    theirs = other.ids(row)
    before = other.state()
    headers = own.owner() if "{organisationId}" in row else own.project.root.headers
    unknown = {kind: str(uuid4()) for kind in theirs}
    strange = {
        "clientId": "%00%ff",
        "letterId": "1" * 500,
        "filterId": "x" * 500,
        "segmentId": "%00%ff",
        "reportId": "x",
        "annotationId": "%00%ff",
        "dashboardId": "x" * 500,
        "shareId": "%00%ff",
        "userId": "%00%ff",
        "invitationId": "x" * 500,
    }
    gone = own.ids(row)
    own.forget(gone)
    here = {"projectId": own.project.id, "organisationId": own.place.organisation_id}
    answers: list[httpx.Response] = [
        call(inside, row, {**ids, **here}, headers) for ids in (theirs, unknown, strange, gone)
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert other.state() == before


def test_the_list_of_projects_is_one_s_own(inside: InProcess, own: Own, other: Own) -> None:
    for place in (own, other):
        listed = inside.http.get("/manage/projects", headers=place.project.root.headers).json()["data"]
        assert [each["id"] for each in listed] == [place.project.id]
