"""Who asks: a client, somebody who is signed in, a personal token, or a share link."""

from dataclasses import dataclass, replace

from eventlens.accounts.clients import Client
from eventlens.accounts.rights import RIGHTS, Action, Role, Scope, client_may, role_may
from eventlens.accounts.shares import Share
from eventlens.accounts.sign_ins import SignIn
from eventlens.accounts.users import User


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Whoever a request's credentials stand for; `role` is what they are in the place of the path."""

    id: str
    """Of the client, the sign-in or the token: by this requests are counted."""
    name: str
    """Under which the audit log knows them."""
    client: Client | None = None
    user: User | None = None
    sign_in: SignIn | None = None
    scopes: frozenset[Scope] | None = None
    """Of a token; None: whatever the role may."""
    role: Role | None = None
    share: Share | None = None
    """Of somebody who looks through a link; then they are nobody else."""

    def may(self, action: Action) -> bool:
        """Whether they may do that in the place of the path."""
        if self.client is not None:
            return client_may(self.client.type, action)
        if self.share is not None:
            return RIGHTS[action].shared
        return self.in_scope(action) and role_may(self.role, action)

    def in_scope(self, action: Action) -> bool:
        """Whether a token may do that anywhere."""
        return self.scopes is None or RIGHTS[action].scope in self.scopes

    def as_role(self, role: Role | None) -> "Caller":
        """The same, in a place where that is their role."""
        return replace(self, role=role)
