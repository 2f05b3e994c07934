"""`/auth/sign-in`, `sign-out`, `sign-up`: into an account and out of it."""

from typing import Literal

from msgspec import Struct
from starlette.responses import Response

from eventlens.accounts.mail import Letter
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
    code: str = ""
    """Of the second factor, where there is one: without it the answer is 401 `two_factor`."""


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
    """The token of a link to choose a new password, that password (10 to 256 characters), and a code of the
    second factor where there is one.
    """

    token: str
    password: str
    code: str = ""


class ForgottenBody(Struct, forbid_unknown_fields=True):
    """An account's address."""

    email: str


class Forgotten(Struct):
    """Whether this server sends mail at all; whether there is such an account is not said."""

    mail: bool


class OptionProvider(Struct):
    """Where else one may have an account to sign in with."""

    name: str
    title: str


class Options(Struct):
    """How one may sign in here: whether forgotten passwords can be replaced by `mail`; accounts elsewhere."""

    mail: bool
    providers: list[OptionProvider]


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
    call.services.people.two_factor.check(user.id, body.code)
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
    people = call.services.people
    user = people.links.find(body.token).user
    spend_guess(call, user.email)
    people.two_factor.check(user.id, body.code)
    return signed_in(call, people.links.use(body.token, body.password))


def _forgotten(call: Call, body: ForgottenBody) -> Forgotten:
    """The same answer after the same time, whether there is such an account or not."""
    people = call.services.people
    spend_guess(call, f"reset {plain_email(body.email)[:LONGEST]}")

    def compose() -> Letter | None:
        found = people.links.reset(body.email)
        if found is None:
            return None
        user, page, token = found
        return Letter(user.email, "Choose a new password", _letter(f"{base_url}/{page}#token={token}"))

    base_url = call.services.settings.base_url
    people.mail.compose_and_send(compose)
    return Forgotten(mail=people.mail.works)


def _letter(link: str) -> str:
    return (
        "Somebody, probably you, asked for a new password. Choose it here within two hours:\n\n"
        f"{link}\n\nIf it was not you, nothing has changed and there is nothing to do.\n"
    )


def _options(call: Call) -> Options:
    people = call.services.people
    providers = [OptionProvider(each.name, each.title) for each in people.providers.list()]
    return Options(mail=people.mail.works, providers=providers)


ROUTES = (
    auth_route(
        "GET", "options", telling(_options), "How one may sign in here", access="public", answer=Options
    ),
    auth_route(
        "POST",
        "forgotten",
        doing(ForgottenBody, _forgotten),
        "Ask for a mail with a link to choose a new password",
        access="public",
        example=ForgottenBody("ada@example.com"),
        answer=Forgotten,
    ),
    auth_route(
        "POST",
        "sign-in",
        doing(SignInBody, _sign_in),
        "Sign in with address and password; the answer sets the cookie eventlens_session",
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
