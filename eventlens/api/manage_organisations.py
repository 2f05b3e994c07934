"""`/manage/organisations`: whom projects belong to."""

from msgspec import Struct

from eventlens.accounts.management import Management
from eventlens.accounts.members import Organisation
from eventlens.api.managing import changing, managed_route, managing
from eventlens.api.route import Call
from eventlens.errors import Forbidden

_ALL = "/manage/organisations"
_ONE = "/manage/organisations/{organisationId}"


class OrganisationName(Struct, forbid_unknown_fields=True):
    """What an organisation is called."""

    name: str


def _list(_: Management, call: Call) -> list[Organisation]:
    user = call.who.user
    assert user is not None  # of access "user"
    return [one for one, _ in call.services.people.members.organisations(user)]


def _create(_: Management, call: Call, new: OrganisationName) -> Organisation:
    user = call.who.user
    assert user is not None  # of access "user"
    if not user.owner:
        raise Forbidden("Only an owner of the installation may add an organisation.")
    return call.services.people.organisations.create(new.name, user.id)


def _show(_: Management, call: Call) -> Organisation:
    return call.services.people.organisations.find(_id(call))


def _rename(_: Management, call: Call, new: OrganisationName) -> Organisation:
    return call.services.people.organisations.rename(_id(call), new.name)


def _remove(_: Management, call: Call) -> Organisation:
    return call.services.people.organisations.remove(_id(call))


def _id(call: Call) -> str:
    return call.request.path_params["organisationId"]


ROUTES = (
    managed_route(
        "GET",
        _ALL,
        managing(_list),
        "The organisations that one belongs to",
        answer=list[Organisation],
        action="organisation.read",
        access="user",
    ),
    managed_route(
        "POST",
        _ALL,
        changing(OrganisationName, _create),
        "Add an organisation; for owners of the installation",
        example=OrganisationName("Example Ltd"),
        answer=Organisation,
        action="organisation.write",
        access="user",
    ),
    managed_route(
        "GET",
        _ONE,
        managing(_show),
        "An organisation",
        answer=Organisation,
        action="organisation.read",
        access="user",
    ),
    managed_route(
        "PATCH",
        _ONE,
        changing(OrganisationName, _rename),
        "Give an organisation another name",
        example=OrganisationName("Example plc"),
        answer=Organisation,
        action="organisation.write",
        access="user",
    ),
    managed_route(
        "DELETE",
        _ONE,
        managing(_remove),
        "Delete an organisation that has no projects",
        answer=Organisation,
        action="organisation.delete",
        access="user",
    ),
)
