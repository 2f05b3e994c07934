"""`/manage/projects/{projectId}/dead-letters`: what of a project could not be stored."""

from itertools import islice
from typing import Any

from eventlens.accounts.management import Management
from eventlens.api.managing import managed_route, managing
from eventlens.api.route import Call, Parameter
from eventlens.errors import NotFound
from eventlens.ingest import dead_letters
from eventlens.ingest.dead_letters import Letter

_ALL = "/manage/projects/{projectId}/dead-letters"
_ONE = "/manage/projects/{projectId}/dead-letters/{letterId}"
_LETTER = Parameter("letterId", "The dead letter's id.", {"type": "integer"}, required=True, where="path")
_DIGITS = 18
"""Of an id at most."""
_MOST = 100
"""Letters in a list: the newest ones. Whoever replays or discards them sees the others."""


def _list(_: Management, call: Call) -> list[dict[str, Any]]:
    found = dead_letters.letters(call.services.queue, call.project_id)
    return [each.summary() for each in islice(found, _MOST)]


def _show(_: Management, call: Call) -> dict[str, Any]:
    return _letter(call).described()


def _replay(_: Management, call: Call) -> dict[str, int]:
    return {"replayed": dead_letters.replay(call.services.queue, [_letter(call)])}


def _discard(_: Management, call: Call) -> dict[str, int]:
    return {"discarded": dead_letters.discard(call.services.queue, [_letter(call)])}


def _letter(call: Call) -> Letter:
    """The project's letter that the path names. Raises NotFound."""
    said = call.request.path_params["letterId"]
    known = said.isascii() and said.isdigit() and len(said) <= _DIGITS
    found = dead_letters.letter(call.services.queue, int(said)) if known else None
    if found is None or found.project_id != call.project_id:
        raise NotFound("There is no such dead letter of this project.")
    return found


ROUTES = (
    managed_route(
        "GET",
        _ALL,
        managing(_list),
        "What could not be stored, and why: the newest hundred",
        answer=list[dict[str, Any]],
        action="project.write",
    ),
    managed_route(
        "GET",
        _ONE,
        managing(_show),
        "A dead letter, whole: people's data",
        answer=dict[str, Any],
        action="project.write",
        parameters=(_LETTER,),
    ),
    managed_route(
        "POST",
        f"{_ONE}/replay",
        managing(_replay),
        "Put a dead letter back into the queue, when what was wrong is mended",
        answer=dict[str, int],
        action="project.write",
        parameters=(_LETTER,),
    ),
    managed_route(
        "DELETE",
        _ONE,
        managing(_discard),
        "Delete a dead letter: its events are lost",
        answer=dict[str, int],
        action="project.write",
        parameters=(_LETTER,),
    ),
)
