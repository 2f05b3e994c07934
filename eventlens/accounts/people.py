"""Everything about people who sign in, opened together."""

from dataclasses import dataclass

from eventlens.accounts.invitations import Invitations
from eventlens.accounts.links import Links
from eventlens.accounts.members import Members
from eventlens.accounts.organisations import Organisations
from eventlens.accounts.sign_ins import SignIns
from eventlens.accounts.tokens import Signer
from eventlens.accounts.users import Users
from eventlens.catalog.connect import Catalog
from eventlens.clock import Clock, now_ms


@dataclass(frozen=True, slots=True)
class People:
    """The use cases of people; nothing of them is remembered, so a change holds at once everywhere."""

    users: Users
    sign_ins: SignIns
    links: Links
    organisations: Organisations
    members: Members
    invitations: Invitations
    signer: Signer


def open_people(catalog: Catalog, secret_key: str, clock: Clock = now_ms) -> People:
    """People over a catalog; the installation's key signs what is handed out."""
    return People(
        users=Users(catalog, clock),
        sign_ins=SignIns(catalog, clock),
        links=Links(catalog, clock),
        organisations=Organisations(catalog, clock),
        members=Members(catalog, clock),
        invitations=Invitations(catalog, clock),
        signer=Signer(secret_key),
    )
