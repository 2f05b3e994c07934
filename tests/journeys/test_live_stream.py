"""Live numbers over a socket: told when they change, to nobody who may not ask for them."""

import json
from urllib.parse import quote

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.support.project import Project
from tests.support.server import Server


def open_socket(
    server: Server, project_id: str, headers: dict[str, str], query: str = ""
) -> ClientConnection:
    url = f"{server.url.replace('http', 'ws')}/insights/{project_id}/live/stream{query}"
    return connect(url, additional_headers=headers, close_timeout=1)


def heard(socket: ClientConnection) -> dict[str, object]:
    return json.loads(socket.recv(timeout=30))["data"]


def test_an_arrival_is_told(server: Server, project: Project) -> None:
    with (
        open_socket(server, project.id, project.read.headers) as all_of_it,
        open_socket(server, project.id, project.read.headers) as twin,
        open_socket(
            server, project.id, project.read.headers,
            "?filters=" + quote('[{"name":"path","operator":"is","value":["/b"]}]'),
        ) as only_b,
    ):  # fmt: skip
        assert [heard(each)["visitors"] for each in (all_of_it, twin, only_b)] == [0, 0, 0]
        project.track("screen_view", path="https://example.com/a", deviceId="one")
        told = heard(all_of_it)
        assert (told["visitors"], told["pages"]) == (
            1,
            [{"path": "/a", "origin": "https://example.com", "visitors": 1}],
        )
        assert heard(twin) == told
        project.track("screen_view", path="https://example.com/b", deviceId="two")
        assert heard(all_of_it)["visitors"] == 2
        assert heard(only_b)["visitors"] == 1


def test_nobody_else_hears(server: Server, project: Project) -> None:
    other = server.project("Other")
    cases = {
        "nobody": ({}, 401),
        "a writer": (project.write.headers, 403),
        "another project": (other.read.headers, 403),
        "a page of somebody else's": ({"origin": "https://evil.example", "cookie": "eventlens=x"}, 403),
    }
    for name, (headers, status) in cases.items():
        with pytest.raises(InvalidStatus) as refused:
            open_socket(server, project.id, headers)
        assert refused.value.response.status_code == status, name
        assert json.loads(refused.value.response.body or b"{}")["error"]["code"], name
    with pytest.raises(InvalidStatus) as refused:
        open_socket(server, project.id, project.read.headers, "?unknown=1")
    assert refused.value.response.status_code == 400


def test_a_socket_is_no_place_to_talk(server: Server, project: Project) -> None:
    with open_socket(server, project.id, project.read.headers) as socket:
        heard(socket)
        socket.send("hello")
        project.track("screen_view", path="https://example.com/", deviceId="one")
        assert heard(socket)["visitors"] == 1
        socket.send("x" * 10_000)  # more than anybody has to say
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=30)
    project.track("screen_view", path="https://example.com/", deviceId="two")  # it serves on
