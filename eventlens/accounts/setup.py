"""New projects with their clients, and the very first one with the owner's account."""

from dataclasses import dataclass, field
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from eventlens.accounts.clients import ClientType, add_client
from eventlens.accounts.projects import Project, add_project
from eventlens.catalog.base import MemberRow, UserRow
from eventlens.catalog.connect import Catalog
from eventlens.clock import Clock, now_ms, to_datetime
from eventlens.setting_kinds import plain_host

OWNER_EMAIL = "owner@localhost"
FIRST_PROJECT = "My site"
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


def create_project(
    catalog: Catalog, name: str, domain: str = "", timezone: str = "UTC", *, clock: Clock = now_ms
) -> NewProject:
    """Add a project with three clients in one transaction; the domain's pages may use the write client
    without its secret. Raises InvalidInput as `Projects.create`.
    """
    with catalog.session(write=True) as session:
        return _add_project(session, clock(), name, domain, timezone)


def first_setup(catalog: Catalog, clock: Clock = now_ms) -> FirstSetup | None:
    """On the first start: the owner's account and a first project, in one transaction. None when that was
    done before, by whichever process.

    The account has no password yet, so nobody can sign in: sign-in joins with the dashboard.
    """
    try:
        with catalog.session(write=True) as session:
            if session.scalars(select(UserRow.id).limit(1)).first() is not None:
                return None
            now = clock()
            owner = UserRow(
                id=str(uuid4()),
                email=OWNER_EMAIL,
                password_hash=None,
                owner=True,
                created_at=to_datetime(now),
            )
            session.add(owner)
            session.flush()
            made = _add_project(session, now, FIRST_PROJECT)
            session.add(
                MemberRow(
                    project_id=made.project.id, user_id=owner.id, role="owner", created_at=to_datetime(now)
                )
            )
            session.flush()
            return FirstSetup(made.project, made.write, made.read, made.root, made.origins, OWNER_EMAIL)
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
    session: Session, now: int, name: str, domain: str = "", timezone: str = "UTC"
) -> NewProject:
    project = add_project(session, now, name, domain, timezone)
    origins = site_origins(project.domain)

    def credentials(kind: ClientType, origins: tuple[str, ...] = ()) -> Credentials:
        client, secret = add_client(session, now, project.id, kind, origins=origins)
        return Credentials(client.id, client.type, secret)

    return NewProject(
        project, credentials("write", origins), credentials("read"), credentials("root"), origins
    )
