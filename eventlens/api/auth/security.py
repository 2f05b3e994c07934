"""`/auth/me/two-factor` and `/auth/tokens`: the second factor, and what one's own programs show."""

from datetime import datetime

from msgspec import Struct

from eventlens.accounts.api_tokens import ApiToken
from eventlens.accounts.audit import Entry
from eventlens.accounts.rights import Scope
from eventlens.accounts.two_factor import Enrolment
from eventlens.api.auth.account import PasswordBody, check_own_password, user_of_call
from eventlens.api.auth.doing import auth_route, doing, spend_guess, telling
from eventlens.api.route import Call, Parameter

_TOKEN = (Parameter("tokenId", "The token's id.", {"type": "string"}, required=True, where="path"),)


class CodeBody(Struct, forbid_unknown_fields=True):
    """A code of the authenticator app."""

    code: str


class RecoveryCodes(Struct):
    """Codes that each stand in for the app once; shown this once."""

    recovery_codes: list[str]


class SwitchOff(Struct, forbid_unknown_fields=True):
    """One's password, and a code of the app or for recovery."""

    password: str
    code: str


class NewToken(Struct, forbid_unknown_fields=True):
    """A token to add. `read` asks, `write` keeps cohorts, goals and the like, `admin` changes settings; each
    only what the user's role allows. Without `days` it holds until it is revoked.
    """

    name: str
    scopes: list[Scope]
    days: int | None = None


class CreatedToken(Struct):
    """A token and what a program shows as `Authorization: Bearer …`, which is told this once."""

    id: str
    name: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    expires_at: datetime | None
    token: str


def _begin(call: Call, body: PasswordBody) -> Enrolment:
    check_own_password(call, body.password)
    return call.services.people.two_factor.begin(user_of_call(call).id)


def _confirm(call: Call, body: CodeBody) -> RecoveryCodes:
    user = user_of_call(call)
    spend_guess(call, user.email)
    return RecoveryCodes(call.services.people.two_factor.confirm(user.id, body.code))


def _switch_off(call: Call, body: SwitchOff) -> None:
    user, two_factor = user_of_call(call), call.services.people.two_factor
    check_own_password(call, body.password)
    two_factor.check(user.id, body.code)
    two_factor.switch_off(user.id)


def _tokens(call: Call) -> list[ApiToken]:
    return call.services.people.api_tokens.list(user_of_call(call).id)


def _add_token(call: Call, new: NewToken) -> CreatedToken:
    tokens = call.services.people.api_tokens
    made, token = tokens.create(user_of_call(call).id, new.name, new.scopes, new.days)
    return CreatedToken(made.id, made.name, made.scopes, made.created_at, made.expires_at, token)


def _revoke(call: Call) -> ApiToken:
    token_id = call.request.path_params["tokenId"]
    return call.services.people.api_tokens.revoke(user_of_call(call).id, token_id)


def _audit(call: Call) -> list[Entry]:
    return call.services.people.audit.of_user(user_of_call(call).id)


ROUTES = (
    auth_route(
        "POST",
        "me/two-factor",
        doing(PasswordBody, _begin),
        "Begin a second factor: the secret for an authenticator app",
        access="session",
        example=PasswordBody("correct horse battery"),
        answer=Enrolment,
    ),
    auth_route(
        "POST",
        "me/two-factor/confirm",
        doing(CodeBody, _confirm),
        "Switch the second factor on with a first code; answers recovery codes, once",
        access="session",
        example=CodeBody("123456"),
        answer=RecoveryCodes,
    ),
    auth_route(
        "POST",
        "me/two-factor/off",
        doing(SwitchOff, _switch_off),
        "Switch the second factor off",
        access="session",
        example=SwitchOff("correct horse battery", "123456"),
        answer=None,
    ),
    auth_route(
        "GET",
        "tokens",
        telling(_tokens),
        "Personal API tokens, the oldest first",
        access="session",
        answer=list[ApiToken],
    ),
    auth_route(
        "POST",
        "tokens",
        doing(NewToken, _add_token),
        "Add a personal API token, shown once",
        access="session",
        example=NewToken("Report script", ["read"], 90),
        answer=CreatedToken,
    ),
    auth_route(
        "DELETE",
        "tokens/{tokenId}",
        telling(_revoke),
        "Revoke a personal API token",
        access="session",
        answer=ApiToken,
        parameters=_TOKEN,
    ),
    auth_route(
        "GET",
        "audit",
        telling(_audit),
        "What one did, the newest first, at most 500 entries",
        access="session",
        answer=list[Entry],
    ),
)
