"""`/auth/oauth` and `/auth/identities`: signing in with an account elsewhere, and connecting one.

A page asks for the provider's address and goes there; what has to come back is sealed in a cookie. Back
here the browser is led on to a page of ours, which says what went wrong, if anything did.
"""

import asyncio
import secrets
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote, urlencode

from msgspec import Struct
from starlette.responses import Response

from eventlens.accounts.identities import Identity
from eventlens.accounts.providers import Attempt, Outsider, Provider
from eventlens.accounts.users import User
from eventlens.api.auth.account import user_of_call
from eventlens.api.auth.doing import (
    answered,
    auth_route,
    cookie_header,
    doing,
    signed_in,
    spend_guess,
    telling,
)
from eventlens.api.auth.me import Me
from eventlens.api.cookies import SESSION, cookie_of
from eventlens.api.route import Call, Parameter
from eventlens.api.sender import headers_of
from eventlens.errors import Conflict, NotFound, OutboundRefused, Unauthenticated

COOKIE = "eventlens_oauth"
_MINUTES = 10
_SECOND_MINUTES = 5
_ROOT = "../../../"
"""Of pages, seen from the address that providers lead back to, wherever that is hosted."""

_PROVIDER = (
    Parameter("provider", "`github`, `google` or `oidc`.", {"type": "string"}, required=True, where="path"),
)
_BACK = (
    Parameter("code", "What the provider gives.", {"type": "string"}),
    Parameter("state", "What was sent there.", {"type": "string"}),
    Parameter("error", "Why it gives nothing.", {"type": "string"}),
)


class BeginBody(Struct, forbid_unknown_fields=True):
    """Where to go afterwards (a path of the dashboard), and the token of an invitation that one follows."""

    next: str = ""
    invitation: str = ""


class Begun(Struct):
    """The provider's page to go to."""

    url: str


class SecondBody(Struct, forbid_unknown_fields=True):
    """What stands after `#second=` in the address, and a code of the second factor."""

    ticket: str
    code: str


class OwnIdentity(Struct):
    """An account elsewhere that is connected with one's own."""

    provider: str
    email: str
    created_at: datetime


def _begin(call: Call, body: BeginBody) -> Response:
    return _led_there(call, {"next": body.next[:1000], "invitation": body.invitation[:100]})


def _connect(call: Call) -> Response:
    return _led_there(call, {"user": user_of_call(call).id})


def _led_there(call: Call, kept: dict[str, str]) -> Response:
    people = call.services.people
    provider = people.providers.find(call.request.path_params["provider"])
    attempt = Attempt(*(secrets.token_urlsafe(32) for _ in range(3)))
    url = people.providers.begin(provider, attempt)
    value = [provider.name, attempt.state, attempt.nonce, attempt.verifier, kept]
    until = call.services.clock() + _MINUTES * 60_000
    sealed = people.signer.seal("oauth", value, until)
    return answered(Begun(url), cookie_header(call, sealed, _MINUTES * 60, COOKIE))


async def _callback(call: Call) -> Response:
    """Leads on to a page, whatever happened: somebody's browser is here, not a program."""
    return await asyncio.to_thread(_led_back, call)


def _led_back(call: Call) -> Response:
    name = call.request.path_params["provider"]
    gone = cookie_header(call, "", 0, COOKIE)
    kept: dict[str, str] = {}
    try:
        provider = call.services.people.providers.find(name)
        attempt, kept = _opened(call, provider)
        outsider = _outsider(call, provider, attempt)
        if "user" in kept:
            _check_same(call, kept["user"])
            call.services.people.identities.connect(provider.name, outsider, kept["user"])
            return _redirect("account?tab=security", gone)
        return _arrived(call, _user_of(call, provider, outsider, kept["invitation"]), kept["next"], gone)
    except _Problem as problem:
        why = problem.why
    except OutboundRefused:
        why = "provider"
    except Conflict:
        why = "taken" if "user" in kept else "connect"
    except NotFound:
        why = "state"
    words = urlencode({"problem": why, "provider": name[:16]})
    return _redirect(f"{'account?tab=security&' if 'user' in kept else 'sign-in?'}{words}", gone)


class _Problem(Exception):
    """A sign-in that leads to nothing; pages know the words for it."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def _check_same(call: Call, user_id: str) -> None:
    """Whoever began to connect an account is still the one who is signed in. Raises _Problem."""
    token = cookie_of(headers_of(call.request.headers.raw), SESSION)
    found = call.services.people.sign_ins.find(token)
    if found is None or found[1].id != user_id:
        raise _Problem("state")


def _opened(call: Call, provider: Provider) -> tuple[Attempt, dict[str, str]]:
    """What was begun in this browser. Raises _Problem."""
    sealed = cookie_of(headers_of(call.request.headers.raw), COOKIE)
    value = call.services.people.signer.open("oauth", sealed, call.services.clock()) if sealed else None
    if value is None or value[0] != provider.name:
        raise _Problem("state")
    if not secrets.compare_digest(
        call.request.query_params.get("state", "").encode("utf-8", "surrogatepass"), value[1].encode()
    ):
        raise _Problem("state")
    return Attempt(*value[1:4]), value[4]


def _outsider(call: Call, provider: Provider, attempt: Attempt) -> Outsider:
    code = call.request.query_params.get("code", "")
    if not code:
        raise _Problem("denied")
    return call.services.people.providers.finish(provider, attempt, code)


def _user_of(call: Call, provider: Provider, outsider: Outsider, invitation: str) -> User:
    """Whose account it is, found, claimed or made by invitation. Raises _Problem, Conflict, NotFound."""
    people = call.services.people
    user = people.identities.find(provider.name, outsider)
    if user is not None:
        if invitation:
            people.invitations.accept(invitation, user)
        return user
    if not outsider.verified or not outsider.email:
        raise _Problem("unverified")
    user = people.identities.claim(provider.name, outsider)
    if user is not None:
        if invitation:
            people.invitations.accept(invitation, user)
        return user
    if not invitation:
        raise _Problem("no_account")
    made = people.invitations.sign_up(invitation, outsider.email, outsider.name[:200], None, proven=True)
    people.identities.connect(provider.name, outsider, made.id)
    return made


def _arrived(call: Call, user: User, wanted: str, gone: str) -> Response:
    """Signed in; where there is a second factor, it is asked for first."""
    path = wanted if wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted else "/"
    if user.two_factor:
        until = call.services.clock() + _SECOND_MINUTES * 60_000
        ticket = call.services.people.signer.seal("second", user.id, until)
        return _redirect(f"sign-in?next={quote(path)}#second={ticket}", gone)
    session = signed_in(call, user).headers["set-cookie"]
    return _redirect(path.lstrip("/"), gone, session)


def _redirect(page: str, *cookies: str) -> Response:
    answer = Response(status_code=303, headers={"location": _ROOT + page})
    for cookie in cookies:
        answer.headers.append("set-cookie", cookie)
    return answer


def _second(call: Call, body: SecondBody) -> Response:
    people = call.services.people
    user_id = people.signer.open("second", body.ticket, call.services.clock())
    user = people.users.find(user_id) if isinstance(user_id, str) else None
    if user is None:
        raise Unauthenticated("The sign-in took too long; begin again.")
    spend_guess(call, user.email)
    people.two_factor.check(user.id, body.code)
    return signed_in(call, user)


def _identities(call: Call) -> list[OwnIdentity]:
    return [_own(each) for each in call.services.people.identities.list(user_of_call(call).id)]


def _disconnect(call: Call) -> OwnIdentity:
    provider = call.request.path_params["provider"]
    return _own(call.services.people.identities.disconnect(user_of_call(call).id, provider))


def _own(identity: Identity) -> OwnIdentity:
    return OwnIdentity(identity.provider, identity.email, identity.created_at)


ROUTES = (
    auth_route(
        "POST",
        "oauth/{provider}",
        doing(BeginBody, _begin),
        "Begin to sign in with an account elsewhere: the address to go to",
        access="public",
        example=BeginBody("/"),
        answer=Begun,
        parameters=_PROVIDER,
    ),
    replace(
        auth_route(
            "GET",
            "oauth/{provider}/callback",
            _callback,
            "Where a provider leads back to; leads on to a page, signed in or with the problem named",
            access="public",
            answer=None,
            parameters=(*_PROVIDER, *_BACK),
        ),
        answer=None,
        leads_on=True,
    ),
    auth_route(
        "POST",
        "second-factor",
        doing(SecondBody, _second),
        "Finish a sign-in with an account elsewhere, where there is a second factor",
        access="public",
        example=SecondBody("WzE3NjM3...", "123456"),
        answer=Me,
    ),
    auth_route(
        "GET",
        "identities",
        telling(_identities),
        "Accounts elsewhere that one signs in with",
        access="session",
        answer=list[OwnIdentity],
    ),
    auth_route(
        "POST",
        "identities/{provider}",
        telling(_connect),
        "Begin to connect an account elsewhere: the address to go to",
        access="session",
        answer=Begun,
        parameters=_PROVIDER,
    ),
    auth_route(
        "DELETE",
        "identities/{provider}",
        telling(_disconnect),
        "Disconnect an account elsewhere; not one's last way to sign in",
        access="session",
        answer=OwnIdentity,
        parameters=_PROVIDER,
    ),
)
