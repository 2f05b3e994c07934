"""What the routes of signing in share: bodies that only our own pages may send, the cookie of a sign-in."""

import asyncio
from collections.abc import Callable
from typing import Any, Literal, TypeVar

import msgspec
from starlette.responses import Response

from eventlens.accounts.audit import Actor, ActorKind
from eventlens.accounts.sign_ins import LONGEST_LIFE
from eventlens.accounts.users import User
from eventlens.api.access import csrf_of
from eventlens.api.auth.me import Me, me_of
from eventlens.api.bodies import read_body
from eventlens.api.cookies import SESSION, cookie_of, is_secure, set_cookie
from eventlens.api.limits import address_key
from eventlens.api.managing import Managed, refuse_all_parameters
from eventlens.api.route import Access, Call, Handler, Parameter, Route
from eventlens.api.sender import address_of, headers_of, peer_of
from eventlens.enrich.user_agent import parse_user_agent
from eventlens.errors import Forbidden, InvalidInput

T = TypeVar("T")
Body = TypeVar("Body")

_LONGEST_AGENT = 1024


def auth_route(  # noqa: PLR0913  # a row of a table, told apart by keywords
    method: Literal["GET", "POST", "PATCH", "DELETE"],
    path: str,
    handler: Handler,
    summary: str,
    *,
    access: Access,
    answer: Any,
    example: msgspec.Struct | None = None,
    parameters: tuple[Parameter, ...] = (),
) -> Route:
    """A route below `/auth`. `answer` is what `data` holds, `example` a body for it."""
    return Route(
        method=method,
        path="/auth/" + path,
        handler=handler,
        access=access,
        summary=summary,
        tag="sign-in",
        parameters=parameters,
        body=None if example is None else type(example),
        example=None if example is None else msgspec.to_builtins(example),
        answer=Managed[answer],
    )


def doing(kind: type[Body], work: Callable[[Call, Body], T]) -> Handler:
    """The handler of a route with a body; `work` runs in a thread and gives what `data` is, or a Response."""

    async def handler(call: Call) -> Any:
        refuse_all_parameters(call)
        refuse_other_sites(call)
        body = await read_body(call.request, kind)
        done = await asyncio.to_thread(work, call, body)
        return done if isinstance(done, Response) else Managed(done)

    return handler


def telling(work: Callable[[Call], T]) -> Handler:
    """The handler of a route without a body."""

    async def handler(call: Call) -> Any:
        refuse_all_parameters(call)
        done = await asyncio.to_thread(work, call)
        return done if isinstance(done, Response) else Managed(done)

    return handler


def refuse_other_sites(call: Call) -> None:
    """Pages of other sites may not sign anybody in or out: a form of theirs cannot send JSON, and browsers
    say where a request comes from. Raises Forbidden, InvalidInput.
    """
    headers = call.request.headers
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden("This may be asked only by pages of Event Lens itself.")
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise InvalidInput("The body is JSON: say content-type: application/json.", field="content-type")


def signed_in(call: Call, user: User) -> Response:
    """Sign a user in, in the browser that asks; whoever was signed in there before is not any more."""
    sign_ins = call.services.people.sign_ins
    headers = headers_of(call.request.headers.raw)
    before = sign_ins.find(cookie_of(headers, SESSION))
    if before is not None:
        sign_ins.end(before[1].id, before[0].id)
    begun, token = sign_ins.begin(user.id, _agent_of(call), visitor_of(call))
    call.services.people.audit.add(
        Actor("user", user.id, user.email, visitor_of(call)), "POST /auth/sign-in", {}
    )
    me = me_of(call.services, user, begun.id, csrf_of(call.services, token))
    return answered(me, cookie_header(call, token, int(LONGEST_LIFE.total_seconds())))


def note(route: Route, call: Call) -> None:
    """Write into the audit log that the caller has changed something."""
    who = call.who
    kind: ActorKind = "client" if who.client else "user" if who.sign_in else "token"
    actor = Actor(kind, who.user.id if who.user else who.id, who.name, visitor_of(call))
    call.services.people.audit.add(actor, f"{route.method} {route.path}", call.request.path_params)


def signed_out(call: Call) -> Response:
    """Take the cookie away."""
    return answered(None, cookie_header(call, "", 0))


def cookie_header(call: Call, token: str, seconds: int, name: str = SESSION) -> str:
    """`Set-Cookie` for this request's browser."""
    headers, peer = headers_of(call.request.headers.raw), peer_of(call.request.scope)
    settings = call.services.settings
    return set_cookie(settings, name, token, seconds, secure=is_secure(settings, headers, peer))


def answered(data: Any, cookie: str) -> Response:
    """`{"data": …}` and a cookie."""
    body = msgspec.json.encode(Managed(data))
    return Response(body, media_type="application/json", headers={"set-cookie": cookie})


def own_me(call: Call, user: User | None = None) -> Me:
    """What the caller is told about themselves, or about what they have become."""
    who = call.who
    assert who.user is not None  # else it is a client, which has no such route
    token = cookie_of(headers_of(call.request.headers.raw), SESSION)
    csrf = csrf_of(call.services, token) if who.sign_in else ""
    return me_of(call.services, user or who.user, who.sign_in.id if who.sign_in else "", csrf)


def visitor_of(call: Call) -> str:
    """The address that a request comes from."""
    headers, peer = headers_of(call.request.headers.raw), peer_of(call.request.scope)
    return address_of(headers, peer, proxies=call.services.settings.trusted_proxies, trusted=False)


def spend_guess(call: Call, account: str) -> None:
    """Count a try at an account's password or code. Raises RateLimited."""
    call.limits.spend_guess(account, address_key(visitor_of(call)))


def _agent_of(call: Call) -> str:
    agent = parse_user_agent(call.request.headers.get("user-agent", "")[:_LONGEST_AGENT])
    return " on ".join(filter(None, (agent.browser, agent.os)))
