"""Everything about people who sign in, opened together."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from eventlens.accounts.api_tokens import ApiTokens
from eventlens.accounts.audit import Audit
from eventlens.accounts.identities import Identities
from eventlens.accounts.invitations import Invitations
from eventlens.accounts.links import Links
from eventlens.accounts.mail import Mail
from eventlens.accounts.members import Members
from eventlens.accounts.organisations import Organisations
from eventlens.accounts.providers import Providers
from eventlens.accounts.shares import Shares
from eventlens.accounts.sign_ins import SignIns
from eventlens.accounts.tokens import Signer
from eventlens.accounts.two_factor import TwoFactor
from eventlens.accounts.users import Users
from eventlens.catalog.connect import Catalog
from eventlens.clock import Clock, now_ms
from eventlens.settings import Settings


@dataclass(frozen=True, slots=True)
class People:
    """The use cases of people; nothing of them is remembered, so a change holds at once everywhere."""

    users: Users
    sign_ins: SignIns
    links: Links
    organisations: Organisations
    members: Members
    invitations: Invitations
    identities: Identities
    providers: Providers
    two_factor: TwoFactor
    api_tokens: ApiTokens
    shares: Shares
    audit: Audit
    mail: Mail
    signer: Signer


def open_people(catalog: Catalog, settings: Settings, clock: Clock = now_ms) -> People:
    """People over a catalog; the installation's key signs what is handed out."""
    signer = Signer(settings.secret_key)
    return People(
        users=Users(catalog, clock),
        sign_ins=SignIns(catalog, clock),
        links=Links(catalog, clock),
        organisations=Organisations(catalog, clock),
        members=Members(catalog, clock),
        invitations=Invitations(catalog, clock),
        identities=Identities(catalog, clock),
        providers=Providers(settings),
        two_factor=TwoFactor(catalog, signer, clock),
        api_tokens=ApiTokens(catalog, clock),
        shares=Shares(catalog, signer, clock),
        audit=Audit(catalog, clock),
        mail=Mail(settings.smtp_url, urlsplit(settings.base_url).hostname or "localhost"),
        signer=signer,
    )
