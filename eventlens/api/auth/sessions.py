"""`/auth/sessions`: the browsers in which one is signed in."""

from datetime import datetime

from msgspec import Struct

from eventlens.accounts.sign_ins import SignIn
from eventlens.api.auth.account import user_of_call
from eventlens.api.auth.doing import auth_route, telling
from eventlens.api.route import Call, Parameter

_SESSION = (Parameter("sessionId", "The session's id.", {"type": "string"}, required=True, where="path"),)


class Session(Struct):
    """A browser in which one is signed in; `current` is the one that asks."""

    id: str
    agent: str
    address: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    current: bool


def _session(sign_in: SignIn, current: str) -> Session:
    return Session(
        sign_in.id,
        sign_in.agent,
        sign_in.address,
        sign_in.created_at,
        sign_in.seen_at,
        sign_in.expires_at,
        sign_in.id == current,
    )


def _list(call: Call) -> list[Session]:
    found = call.services.people.sign_ins.list(user_of_call(call).id)
    return [_session(each, _current(call)) for each in found]


def _end(call: Call) -> Session:
    session_id = call.request.path_params["sessionId"]
    return _session(call.services.people.sign_ins.end(user_of_call(call).id, session_id), _current(call))


def _end_others(call: Call) -> list[Session]:
    call.services.people.sign_ins.end_all(user_of_call(call).id, _current(call))
    return _list(call)


def _current(call: Call) -> str:
    sign_in = call.who.sign_in
    return sign_in.id if sign_in else ""


ROUTES = (
    auth_route(
        "GET",
        "sessions",
        telling(_list),
        "Where one is signed in, the last used first",
        access="session",
        answer=list[Session],
    ),
    auth_route(
        "DELETE",
        "sessions",
        telling(_end_others),
        "Sign out everywhere else",
        access="session",
        answer=list[Session],
    ),
    auth_route(
        "DELETE",
        "sessions/{sessionId}",
        telling(_end),
        "Sign out in one browser",
        access="session",
        answer=Session,
        parameters=_SESSION,
    ),
)
