"""`/manage/usage`: what each of one's projects keeps."""

from eventlens.accounts.management import Management
from eventlens.api.managing import managed_route, managing
from eventlens.api.route import Call
from eventlens.insights.usage import Usage, usage


def _usage(_: Management, call: Call) -> list[Usage]:
    who, services = call.who, call.services
    if who.user is not None:
        own = [project.id for project, _ in services.people.members.projects(who.user)]
    else:
        assert who.client is not None  # whoever is no user
        own = [who.client.project_id]
    return usage(services.store, own, services.clock())


ROUTES = (
    managed_route(
        "GET",
        "/manage/usage",
        managing(_usage),
        "How many events each of one's projects keeps, and about how many bytes on disk",
        answer=list[Usage],
        action="project.read",
        asks=True,
    ),
)
