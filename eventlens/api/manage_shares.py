"""`/manage/projects/{projectId}/shares`: links through which anybody sees the overview."""

from datetime import datetime

from msgspec import Struct

from eventlens.accounts.management import Management
from eventlens.accounts.shares import Share
from eventlens.api.managing import changing, managed_route, managing
from eventlens.api.route import Call, Parameter

_ALL = "/manage/projects/{projectId}/shares"
_SHARE = (Parameter("shareId", "The share link's id.", {"type": "string"}, required=True, where="path"),)


class NewShare(Struct, forbid_unknown_fields=True):
    """A link to add: with a password (6 to 256 characters) or without, for some days or until it is taken
    back. Pages of the origins in `embed` may show it in a frame.
    """

    name: str
    password: str = ""
    days: int | None = None
    embed: list[str] = []


class ShareRow(Struct):
    """A share link; `protected`: it has a password."""

    id: str
    name: str
    url: str
    protected: bool
    embed: tuple[str, ...]
    created_by: str
    created_at: datetime
    expires_at: datetime | None


def _row(call: Call, share: Share) -> ShareRow:
    url = f"{call.services.settings.base_url}/share/{call.services.people.shares.token(share.id)}"
    return ShareRow(
        share.id,
        share.name,
        url,
        share.protected,
        share.embed,
        share.created_by,
        share.created_at,
        share.expires_at,
    )


def _list(_: Management, call: Call) -> list[ShareRow]:
    return [_row(call, share) for share in call.services.people.shares.list(call.project_id)]


def _add(_: Management, call: Call, new: NewShare) -> ShareRow:
    made = call.services.people.shares.create(
        call.project_id, new.name, call.who.name, password=new.password, days=new.days, embed=new.embed
    )
    return _row(call, made)


def _remove(_: Management, call: Call) -> ShareRow:
    share_id = call.request.path_params["shareId"]
    return _row(call, call.services.people.shares.remove(call.project_id, share_id))


ROUTES = (
    managed_route(
        "GET",
        _ALL,
        managing(_list),
        "Share links, the oldest first",
        answer=list[ShareRow],
        action="shares.read",
    ),
    managed_route(
        "POST",
        _ALL,
        changing(NewShare, _add),
        "Add a share link: through it anybody sees the overview, read-only",
        example=NewShare("For the board", "open sesame", 30, ["https://intranet.example.com"]),
        answer=ShareRow,
        action="shares.write",
    ),
    managed_route(
        "DELETE",
        f"{_ALL}/{{shareId}}",
        managing(_remove),
        "Take a share link back; whoever looks through it sees nothing any more",
        answer=ShareRow,
        parameters=_SHARE,
        action="shares.write",
    ),
)
