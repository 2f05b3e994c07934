"""`/auth/invitations/accept`: an invitation of somebody who has an account."""

from eventlens.api.auth.doing import auth_route, doing, own_me
from eventlens.api.auth.me import Me
from eventlens.api.auth.signing import TokenBody
from eventlens.api.route import Call


def _accept(call: Call, body: TokenBody) -> Me:
    user = call.who.user
    assert user is not None  # of access "session"
    call.services.people.invitations.accept(body.token, user)
    return own_me(call)


ROUTES = (
    auth_route(
        "POST",
        "invitations/accept",
        doing(TokenBody, _accept),
        "Accept an invitation with one's own account",
        access="session",
        example=TokenBody("3q2-7wAB"),
        answer=Me,
    ),
)
