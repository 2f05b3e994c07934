"""Streams go in and questions come out through the same door as everybody else's: HTTP."""

from collections.abc import Callable
from typing import Any

from hypothesis import reject

from tests.oracle.model import Oracle, Sent, Undecided
from tests.oracle.streams import Stream
from tests.support.project import BROWSER, Event, Project, batches, iso

MakeProject = Callable[[str], Project]
"""Makes an empty project of a time zone."""

SERVER_AGENT = "node/22.1.0"
"""A user agent from which the server computes no device id."""


def wire(command: Sent) -> Event:
    """A command as a client sends it."""
    payload: dict[str, Any] = {"id": command.id, "timestamp": iso(command.at / 1000)}
    fields = {
        "name": command.name,
        "deviceId": command.device,
        "profileId": command.profile,
        "sessionId": command.session,
        "referrer": command.referrer,
        "alias": command.alias,
        "property": command.property,
    }
    payload |= {name: value for name, value in fields.items() if value}
    if command.path:
        payload["path"] = command.path + (f"?utm_source={command.utm_source}" if command.utm_source else "")
    if command.groups:
        payload["groupIds" if command.kind == "assign_group" else "groups"] = list(command.groups)
    if command.property:
        payload["value"] = command.value
    if command.properties or command.title:
        payload["properties"] = dict(command.properties or {})
        if command.title:
            payload["properties"]["__title"] = command.title
    return {"type": command.kind, "payload": payload}


def send(project: Project, stream: Stream) -> None:
    """Send a stream and wait until it is in the answers."""
    before, devices, guests = stream.stages()
    if before:
        post(project, before, BROWSER)
        project.settle()
    for batch in batches(devices, stream.batch):
        post(project, batch, BROWSER)
        if stream.apart:
            project.settle()
    project.settle()
    if guests:
        post(project, guests, SERVER_AGENT)
        project.settle()


def slow_answer(stream: Stream) -> Oracle:
    """The oracle of a stream; streams of which it cannot say anything are passed over."""
    try:
        return Oracle(stream.sent, stream.zone)
    except Undecided:
        reject()


def sent(make_project: MakeProject, stream: Stream) -> tuple[Project, Oracle]:
    """A project in whose answers a stream is, and its oracle."""
    oracle = slow_answer(stream)
    project = make_project(stream.zone)
    send(project, stream)
    return project, oracle


def post(project: Project, commands: list[Sent], agent: str) -> None:
    """One request; everything in it must be accepted."""
    answer = project.post("/track/batch", [wire(command) for command in commands], **{"user-agent": agent})
    assert answer.status_code == 200, answer.text
    assert answer.json()["rejected"] == [], answer.text
