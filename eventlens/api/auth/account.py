"""`/auth/me`: one's own account."""

from msgspec import UNSET, Struct, UnsetType
from starlette.responses import Response

from eventlens.accounts.users import User
from eventlens.api.auth.doing import auth_route, doing, own_me, signed_out, spend_guess, telling
from eventlens.api.auth.me import Me
from eventlens.api.route import Call


class AccountChange(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What is to change; another address needs the password."""

    name: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    password: str = ""


class PasswordChange(Struct, forbid_unknown_fields=True):
    """The old password ('' where there is none yet) and the new one: 10 to 256 characters."""

    password: str
    new_password: str


class PasswordBody(Struct, forbid_unknown_fields=True):
    """One's password, to show that it is oneself; '' where there is none."""

    password: str


def user_of_call(call: Call) -> User:
    """Whose account it is."""
    user = call.who.user
    assert user is not None  # of access "user" or "session"
    return user


def check_own_password(call: Call, password: str) -> None:
    """Raises InvalidInput unless it is the caller's password, RateLimited after too many tries."""
    user = user_of_call(call)
    spend_guess(call, user.email)
    call.services.people.users.check_password(user.id, password)


def _change(call: Call, change: AccountChange) -> Me:
    user = user_of_call(call)
    email = None if change.email is UNSET else change.email
    if email is not None:
        check_own_password(call, change.password)
    name = None if change.name is UNSET else change.name
    return own_me(call, call.services.people.users.update(user.id, name=name, email=email))


def _set_password(call: Call, body: PasswordChange) -> Me:
    user, sign_in = user_of_call(call), call.who.sign_in
    check_own_password(call, body.password)
    users = call.services.people.users
    users.set_password(user.id, body.new_password, sign_in.id if sign_in else "", "new_password")
    return own_me(call, users.find(user.id))


def _remove(call: Call, body: PasswordBody) -> Response:
    check_own_password(call, body.password)
    call.services.people.users.remove(user_of_call(call).id)
    return signed_out(call)


ROUTES = (
    auth_route(
        "GET",
        "me",
        telling(own_me),
        "Who is signed in: the user, organisations and projects with the role in each",
        access="user",
        answer=Me,
    ),
    auth_route(
        "PATCH",
        "me",
        doing(AccountChange, _change),
        "Change one's name or address",
        access="session",
        example=AccountChange(name="Ada Lovelace"),
        answer=Me,
    ),
    auth_route(
        "POST",
        "me/password",
        doing(PasswordChange, _set_password),
        "Choose another password; signs out everywhere else",
        access="session",
        example=PasswordChange("correct horse battery", "staple horse correct"),
        answer=Me,
    ),
    auth_route(
        "POST",
        "me/delete",
        doing(PasswordBody, _remove),
        "Delete one's account",
        access="session",
        example=PasswordBody("correct horse battery"),
        answer=None,
    ),
)
