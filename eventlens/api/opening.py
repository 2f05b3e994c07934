"""`/shares/open`: a share link, before it is looked through."""

from dataclasses import replace

from msgspec import Struct

from eventlens.accounts.names import ShownName
from eventlens.api.auth.doing import doing, spend_guess
from eventlens.api.managing import Managed
from eventlens.api.route import Call, Route
from eventlens.errors import NotFound


class OpenBody(Struct, forbid_unknown_fields=True):
    """What a link ends with, and its password where it has one."""

    token: str
    password: str = ""


class OpenedShare(Struct):
    """What a link shows. `key` goes along as `event-lens-share-key`, the token as `event-lens-share`.

    `names`: how the project shows its events, without what it says about them.
    """

    project_id: str
    project: str
    timezone: str
    name: str
    key: str
    names: list[ShownName]


def _open(call: Call, body: OpenBody) -> OpenedShare:
    services = call.services
    share = services.people.shares.find(body.token)
    if share is not None and share.protected and body.password:
        spend_guess(call, f"share {share.id}")
    opened, key = services.people.shares.open(body.token, body.password)
    project = services.projects.find(opened.project_id)
    if project is None:
        raise NotFound("There is no such project.")
    names = [
        replace(each, description="")
        for each in services.management.names.list(project.id)
        if each.kind == "event"
    ]
    return OpenedShare(project.id, project.name, project.timezone, opened.name, key, names)


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
