"""`/shares/open`: a share link, before it is looked through."""

from msgspec import Struct

from eventlens.api.auth.doing import doing, spend_guess
from eventlens.api.managing import Managed
from eventlens.api.route import Call, Route
from eventlens.errors import NotFound


class OpenBody(Struct, forbid_unknown_fields=True):
    """What a link ends with, and its password where it has one."""

    token: str
    password: str = ""


class OpenedShare(Struct):
    """What a link shows. `key` goes along as `event-lens-share-key`, the token as `event-lens-share`."""

    project_id: str
    project: str
    timezone: str
    name: str
    key: str


def _open(call: Call, body: OpenBody) -> OpenedShare:
    services = call.services
    share = services.people.shares.find(body.token)
    if share is not None and share.protected and body.password:
        spend_guess(call, f"share {share.id}")
    opened, key = services.people.shares.open(body.token, body.password)
    project = services.projects.find(opened.project_id)
    if project is None:
        raise NotFound("There is no such project.")
    return OpenedShare(project.id, project.name, project.timezone, opened.name, key)


ROUTES = (
    Route(
        method="POST",
        path="/shares/open",
        handler=doing(OpenBody, _open),
        access="public",
        summary="What a share link shows; with its password, where it has one",
        tag="sharing",
        body=OpenBody,
        example={"token": "9f0c…", "password": ""},
        answer=Managed[OpenedShare],
    ),
)
