"""Users of the in-process application, made straight in the catalog: a password takes its time to hash."""

from uuid import uuid4

from eventlens.accounts import members, users
from eventlens.accounts.members import Place
from eventlens.accounts.rights import Role
from eventlens.accounts.users import User
from eventlens.api.access import CSRF_HEADER
from eventlens.api.cookies import SESSION
from eventlens.clock import now_ms
from tests.support.inprocess import InProcess
from tests.support.project import Project

Headers = dict[str, str]


def add_user(inside: InProcess, email: str = "", *, owner: bool = False) -> User:
    """A user without a password."""
    with inside.runtime.catalog.session(write=True) as session:
        email = email or f"{uuid4().hex[:12]}@example.com"
        return users.user_of(users.add_user(session, now_ms(), email, "", None, owner=owner))


def make_member(inside: InProcess, user_id: str, place: Place, role: Role) -> None:
    with inside.runtime.catalog.session(write=True) as session:
        members.add_member(session, now_ms(), place, user_id, role)


def sign_in(inside: InProcess, user: User) -> Headers:
    """What a page sends on behalf of a user who is signed in."""
    people = inside.runtime.services.people
    _, token = people.sign_ins.begin(user.id)
    return {"cookie": f"{SESSION}={token}", CSRF_HEADER: people.signer.mac("csrf", token)}


def signed_in_as(inside: InProcess, place: Place, role: Role) -> Headers:
    """A fresh user with that role in a project or an organisation."""
    user = add_user(inside)
    make_member(inside, user.id, place, role)
    return sign_in(inside, user)


def project_apart(inside: InProcess) -> Project:
    """A project in an organisation of its own."""
    owner = add_user(inside)
    organisation = inside.runtime.services.people.organisations.create("Org", owner.id)
    return inside.project(organisation_id=organisation.id)


def people_of(inside: InProcess, project_id: str, other_id: str = "") -> dict[str, Headers]:
    """Members of a project's organisation by role, and who is none of it but admin of another's."""
    people = inside.runtime.services.people
    place = Place(people.members.place_of(project_id).organisation_id)
    other = other_id or project_apart(inside).id
    elsewhere = Place(people.members.place_of(other).organisation_id)
    known: dict[Role, Headers] = {
        role: signed_in_as(inside, place, role) for role in ("viewer", "editor", "admin", "owner")
    }
    return {
        "signed out": {"cookie": f"{SESSION}=none", CSRF_HEADER: "none"},
        **known,
        "outsider": signed_in_as(inside, elsewhere, "admin"),
        "no csrf": {"cookie": known["owner"]["cookie"]},
    }
