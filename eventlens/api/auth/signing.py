"""`/auth/sign-in`, `sign-out`, `sign-up`: into an account and out of it."""

from typing import Literal

from msgspec import Struct
from starlette.responses import Response

from eventlens.accounts.passwords import LONGEST
from eventlens.accounts.rights import Role
from eventlens.accounts.users import plain_email
from eventlens.api.auth.doing import auth_route, doing, signed_in, signed_out, spend_guess, telling
from eventlens.api.auth.me import Me
from eventlens.api.route import Call
from eventlens.errors import NotFound, Unauthenticated


class SignInBody(Struct, forbid_unknown_fields=True):
    """An account's address and password."""

    email: str
    password: str


class TokenBody(Struct, forbid_unknown_fields=True):
    """The token of a link: what stands after `#token=` in it."""

    token: str


class SignUpBody(Struct, forbid_unknown_fields=True):
    """The token of the first owner's link or of an invitation, and what the account is to be.

    `email` may be left out where the link is for an address.
    """

    token: str
    password: str
    name: str = ""
    email: str = ""


class NewPasswordBody(Struct, forbid_unknown_fields=True):
    """The token of a link to choose a new password, and that password: 10 to 256 characters."""

    token: str
    password: str


class LinkAnswer(Struct):
    """What a link is for: `setup` of the first owner, `reset` of a password, an `invitation`."""

    kind: Literal["setup", "reset", "invitation"]
    email: str
    organisation: str = ""
    project: str = ""
    role: Role | None = None
    invited_by: str = ""


def _sign_in(call: Call, body: SignInBody) -> Response:
    spend_guess(call, plain_email(body.email)[:LONGEST])
    user = call.services.people.users.with_password(body.email, body.password)
    if user is None:
        raise Unauthenticated("The address or the password is wrong.")
    return signed_in(call, user)


def _sign_out(call: Call) -> Response:
    who = call.who
    assert who.sign_in is not None  # of access "session"
    call.services.people.sign_ins.end(who.sign_in.user_id, who.sign_in.id)
    return signed_out(call)


def _link(call: Call, body: TokenBody) -> LinkAnswer:
    people = call.services.people
    try:
        invited = people.invitations.find(body.token)
    except NotFound:
        found = people.links.find(body.token)
        return LinkAnswer(found.kind, found.user.email)
    return LinkAnswer(
        "invitation", invited.email, invited.organisation, invited.project, invited.role, invited.invited_by
    )


def _sign_up(call: Call, body: SignUpBody) -> Response:
    people = call.services.people
    if _link(call, TokenBody(body.token)).kind == "invitation":
        user = people.invitations.sign_up(body.token, body.email, body.name, body.password)
    else:
        email = body.email or None
        user = people.links.use(body.token, body.password, email=email, name=body.name)
    return signed_in(call, user)


def _new_password(call: Call, body: NewPasswordBody) -> Response:
    return signed_in(call, call.services.people.links.use(body.token, body.password))


ROUTES = (
    auth_route(
        "POST",
        "sign-in",
        doing(SignInBody, _sign_in),
        "Sign in with address and password; the answer sets the cookie `eventlens_session`",
        access="public",
        example=SignInBody("ada@example.com", "correct horse battery"),
        answer=Me,
    ),
    auth_route(
        "POST", "sign-out", telling(_sign_out), "Sign out in this browser", access="session", answer=None
    ),
    auth_route(
        "POST",
        "link",
        doing(TokenBody, _link),
        "What a link is for, before it is used",
        access="public",
        example=TokenBody("3q2-7wAB"),
        answer=LinkAnswer,
    ),
    auth_route(
        "POST",
        "sign-up",
        doing(SignUpBody, _sign_up),
        "Make an account: the first owner's, or that of somebody who was invited; signs in",
        access="public",
        example=SignUpBody("3q2-7wAB", "correct horse battery", "Ada", "ada@example.com"),
        answer=Me,
    ),
    auth_route(
        "POST",
        "new-password",
        doing(NewPasswordBody, _new_password),
        "Choose a new password with a link; signs in here and out everywhere else",
        access="public",
        example=NewPasswordBody("3q2-7wAB", "correct horse battery"),
        answer=Me,
    ),
)
