"""New projects with their clients, and the very first one with the owner's account."""

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from eventlens.accounts.clients import ClientType, add_client
from eventlens.accounts.links import add_link
from eventlens.accounts.members import Place, add_member
from eventlens.accounts.projects import Project, add_project, first_organisation
from eventlens.accounts.users import add_user
from eventlens.catalog.base import OrganisationRow
from eventlens.catalog.connect import Catalog
from eventlens.catalog.people import UserRow
from eventlens.clock import Clock, now_ms
from eventlens.errors import NotFound
from eventlens.setting_kinds import plain_host

OWNER_EMAIL = "owner@localhost"
FIRST_PROJECT = "My site"
ANY_PAGE = ("*",)
"""Nobody knows yet where the first project's site is, and its script tag has to work where it is pasted."""
LOCAL_HOSTS = ("localhost", "127.0.0.1")


@dataclass(frozen=True, slots=True)
class Credentials:
    """A new client's id and its secret, which can be shown now and never again."""

    id: str
    type: ClientType
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewProject:
    """A project just made, with its write, read and root client."""

    project: Project
    write: Credentials
    read: Credentials
    root: Credentials
    origins: tuple[str, ...]
    """Whose pages may use the write client without its secret."""

    @property
    def clients(self) -> tuple[Credentials, Credentials, Credentials]:
        return (self.write, self.read, self.root)


@dataclass(frozen=True, slots=True)
class FirstSetup(NewProject):
    """What the first start made."""

    owner_email: str
    token: str = field(repr=False)
    """Of the link with which the owner chooses an address and a password."""


def create_project(
    catalog: Catalog,
    name: str,
    domain: str = "",
    timezone: str = "UTC",
    *,
    organisation_id: str = "",
    clock: Clock = now_ms,
) -> NewProject:
    """Add a project with three clients in one transaction; the domain's pages may use the write client
    without its secret. Without an organisation it belongs to the oldest.

    Raises InvalidInput with the field `name`, `domain` or `timezone`, NotFound (no such organisation).
    """
    with catalog.session(write=True) as session:
        if organisation_id and session.get(OrganisationRow, organisation_id) is None:
            raise NotFound("There is no such organisation.")
        own = organisation_id or first_organisation(session, clock()).id
        return _add_project(session, clock(), own, name, domain, timezone)


def first_setup(catalog: Catalog, clock: Clock = now_ms) -> FirstSetup | None:
    """On the first start: the owner's account and a first project, in one transaction. None when that was
    done before, by whichever process.

    The account has no password yet: the link's token lets its owner choose one, once.
    """
    try:
        with catalog.session(write=True) as session:
            if session.scalars(select(UserRow.id).limit(1)).first() is not None:
                return None
            now = clock()
            organisation = first_organisation(session, now)
            owner = add_user(session, now, OWNER_EMAIL, "", None, owner=True)
            add_member(session, now, Place(organisation.id), owner.id, "owner")
            made = _add_project(session, now, organisation.id, FIRST_PROJECT, origins=ANY_PAGE)
            token = add_link(session, now, owner.id, "setup")
            session.flush()
            return FirstSetup(
                made.project, made.write, made.read, made.root, made.origins, OWNER_EMAIL, token
            )
    except IntegrityError:
        # Two first starts at once on a database server: the owner's address is unique, one of them won.
        return None


def site_origins(domain: str) -> tuple[str, ...]:
    """The origins of a site's pages: its host and subdomains over https; on this machine http too."""
    host = domain.partition(":")[0]
    try:
        plain = plain_host(domain)
    except ValueError:
        return ()
    if not host:
        return ()
    if host in LOCAL_HOSTS:
        return (f"http://{plain}", f"https://{plain}")
    if host.replace(".", "").isdigit():
        return (f"https://{plain}",)
    return (f"https://{plain}", f"https://*.{plain}")


def _add_project(
    session: Session,
    now: int,
    organisation_id: str,
    name: str,
    domain: str = "",
    timezone: str = "UTC",
    *,
    origins: tuple[str, ...] = (),
) -> NewProject:
    project = add_project(session, now, organisation_id, name, domain, timezone)
    origins = origins or site_origins(project.domain)

    def credentials(kind: ClientType, origins: tuple[str, ...] = ()) -> Credentials:
        client, secret = add_client(session, now, project.id, kind, origins=origins)
        return Credentials(client.id, client.type, secret)

    return NewProject(
        project, credentials("write", origins), credentials("read"), credentials("root"), origins
    )
