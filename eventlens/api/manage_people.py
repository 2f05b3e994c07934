"""`/manage/projects/{projectId}/people`: all of a person, to hand over and to delete."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import msgspec
from starlette.responses import StreamingResponse

from eventlens.api.managing import Managed, managed_route, parameters_of
from eventlens.api.route import Call, Parameter
from eventlens.errors import InvalidInput
from eventlens.ingest.removing import Person
from eventlens.store.handing_over import files_of_person

_PEOPLE = "/manage/projects/{projectId}/people"
_TEXT = {"type": "string", "maxLength": 256}
_WHO = (
    Parameter("profileId", "Who it is, by any profile of theirs.", _TEXT),
    Parameter("deviceId", "Or by any device of theirs.", _TEXT),
)
_LONGEST = 256
_CHUNK = 1 << 18


class DeletedPerson(msgspec.Struct):
    """What was deleted."""

    devices: list[str]
    profiles: list[str]
    events: int
    sessions: int
    dead_letters: int


async def _delete(call: Call) -> Managed[DeletedPerson]:
    who = _who(call)
    found = await asyncio.to_thread(call.services.removing.delete_person, call.project_id, **who)
    return Managed(msgspec.convert(found, DeletedPerson, from_attributes=True))


async def _export(call: Call) -> StreamingResponse:
    person = await asyncio.to_thread(call.services.removing.find, call.project_id, **_who(call))
    body = _lines(call, person)
    first = await anext(body, b"")  # what fails at once gets a status of its own
    return StreamingResponse(_joined(first, body), media_type="application/x-ndjson")


async def _joined(first: bytes, body: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    async with aclosing(body):
        yield first
        async for chunk in body:
            yield chunk


async def _lines(call: Call, person: Person) -> AsyncGenerator[bytes]:
    with tempfile.TemporaryDirectory(dir=call.services.settings.data, prefix="person-") as folder:
        words = (person.nodes, person.devices, person.profiles, Path(folder))
        files = files_of_person(call.services.store, call.project_id, *words)
        while path := await asyncio.to_thread(next, files, None):
            with path.open("rb") as file:
                while chunk := await asyncio.to_thread(file.read, _CHUNK):
                    yield chunk


def _who(call: Call) -> Mapping[str, str]:
    """The arguments that name a person. Raises InvalidInput."""
    names = {"profileId": "profile_id", "deviceId": "device_id"}
    given = parameters_of(call, tuple(names))
    for name, value in given.items():
        if not value or len(value) > _LONGEST:
            raise InvalidInput(f"An id has 1 to {_LONGEST} characters.", field=name)
    if len(given) != 1:
        raise InvalidInput("Name a profile or a device, one of both.", field="profileId")
    return {names[name]: value for name, value in given.items()}


ROUTES = (
    managed_route(
        "DELETE",
        _PEOPLE,
        _delete,
        "Delete all of a person: every device, profile, event, session and recording",
        answer=DeletedPerson,
        action="people.write",
        parameters=_WHO,
    ),
    replace(
        managed_route(
            "GET",
            f"{_PEOPLE}/export",
            _export,
            "All of a person, a row on each line, with the table it is from",
            answer=str,
            action="people.write",
            parameters=_WHO,
        ),
        answer=str,
        media="application/x-ndjson",
    ),
)
