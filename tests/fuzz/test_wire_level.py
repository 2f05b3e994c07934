"""Bytes on a socket of a real server: lawful ones are served however they are cut, all others end clearly."""

import itertools
import json
import random
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.fuzz.conftest import LIMIT
from tests.support.hostile import collection_routes
from tests.support.wire import Answer, Sender, Wire, request, still_works

_numbers = itertools.count()

# --- lawful ------------------------------------------------------------------------------------------


def _chunked(body: bytes, *sizes: int) -> bytes:
    cuts = [0, *sizes, len(body)]
    parts = [body[start:end] for start, end in itertools.pairwise(cuts) if end > start]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


LAWFUL: dict[str, tuple[Callable[[Sender, str], bytes], int]] = {
    "post": (lambda sender, name: sender.post(name), 200),
    "many headers": (lambda sender, name: sender.post(name, **{f"x_{n}": "y" * 40 for n in range(100)}), 200),
    "odd case": (lambda sender, name: sender.post(name).replace(b"content-length", b"Content-LENGTH"), 200),
    "spaces": (
        lambda sender, name: sender.post(name).replace(b"content-length: ", b"content-length: \t "),
        200,
    ),
    "query": (lambda sender, name: sender.post(name).replace(b"/track ", b"/track?a=b "), 200),
    "prefix": (lambda sender, name: sender.post(name).replace(b"/track ", b"/api/v1/analytics/track "), 200),
    "chunked": (
        lambda sender, name: sender.raw(
            b"transfer-encoding: chunked", body=_chunked(sender.event(name), 1, 9, 30)
        ),
        200,
    ),
    "chunks with extensions and trailers": (
        lambda sender, name: sender.raw(
            b"Transfer-Encoding: Chunked",
            body=_chunked(sender.event(name), 5)[:-5].replace(b"5\r\n", b"5;a=b\r\n", 1)
            + b"0\r\nx-sum: 1\r\n\r\n",
        ),
        200,
    ),
    "batch": (
        lambda sender, name: request(b"[" + sender.event(name) + b"]", sender.headers, "/track/batch"),
        200,
    ),
    "bad body": (lambda sender, _: request(b"{", sender.headers), 400),
    "no body": (lambda sender, _: sender.raw(b"content-length: 0"), 400),
    "no length": (lambda sender, _: sender.raw(), 400),
    "stranger": (lambda sender, name: request(sender.event(name), {}), 401),
    "health": (lambda _, __: b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n", 200),
    "nowhere": (lambda sender, name: request(sender.event(name), sender.headers, "/nowhere"), 404),
    "preflight": (lambda _, __: b"OPTIONS /track HTTP/1.1\r\nhost: x\r\norigin: http://a\r\n\r\n", 204),
    "wrong method": (lambda sender, name: request(sender.event(name), sender.headers, method="PUT"), 405),
}

FEW = settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@FEW
@given(
    kinds=st.lists(st.sampled_from(sorted(LAWFUL)), min_size=1, max_size=6),
    cuts=st.lists(st.floats(0, 1, exclude_max=True), max_size=8),
)
def test_however_requests_are_cut_each_is_answered_in_turn(
    sender: Sender, kinds: list[str], cuts: list[float]
) -> None:
    ids = [f"cut-{next(_numbers)}" for _ in kinds]
    stream = b"".join(LAWFUL[kind][0](sender, name) for kind, name in zip(kinds, ids, strict=True))
    places = sorted({0, len(stream), *(int(cut * len(stream)) for cut in cuts)})
    with Wire(sender.port) as wire:
        wire.send(*(stream[start:end] for start, end in itertools.pairwise(places)))
        for kind in kinds:
            answer = wire.answer()
            assert answer is not None, f"hung up instead of answering {kind}"
            assert answer.status == LAWFUL[kind][1], (kind, answer)
        wire.send(sender.post(f"after-{ids[0]}"))
        last = wire.answer()
        assert last is not None, "hung up after it"
        assert last.status == 200
    if random.random() < 0.2:  # the question costs more than the sending
        each = list(zip(kinds, ids, strict=True))
        taken = {name for kind, name in each if LAWFUL[kind][1] == 200 and kind != "health"}
        stored = sender.stored()
        assert taken <= stored
        assert not (set(ids) - taken) & stored


@pytest.mark.parametrize("kind", LAWFUL)
def test_byte_by_byte(sender: Sender, kind: str) -> None:
    make, status = LAWFUL[kind]
    whole = make(sender, f"byte-{kind}")
    step = 1 if len(whole) < 1000 else 37
    with Wire(sender.port) as wire:
        for start in range(0, len(whole), step):
            wire.socket.sendall(whole[start : start + step])
        answer = wire.answer()
    assert answer is not None
    assert answer.status == status


@pytest.mark.parametrize(("method", "path"), collection_routes())
def test_other_methods_are_refused_and_the_connection_goes_on(sender: Sender, method: str, path: str) -> None:
    with Wire(sender.port) as wire:
        for other in ("PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "GET", "POST", "PROPFIND"):
            if other == method:
                continue
            body = b"" if other in ("HEAD", "GET", "OPTIONS") else sender.event("never")
            answer = wire.send(request(body, sender.headers, path, other)).answer(to_head=other == "HEAD")
            assert answer is not None, other
            allowed = {"OPTIONS": {204}, "HEAD": {200, 405}}.get(other, {405})
            assert answer.status in allowed, f"{other} {answer}"
            if answer.status == 405:
                assert method in answer.headers["allow"]
            then = wire.send(sender.post()).answer()
            assert then is not None
            assert then.status == 200
    assert "never" not in sender.stored()


def test_a_body_that_waits_for_leave_gets_it(sender: Sender) -> None:
    whole = sender.post("leave", expect="100-continue")
    head, _, body = whole.partition(b"\r\n\r\n")
    with Wire(sender.port) as wire:
        leave = wire.send(head + b"\r\n\r\n").answer()
        assert leave is not None
        assert leave.status == 100
        answer = wire.send(body).answer()
        assert answer is not None
        assert answer.status == 200
    with Wire(sender.port) as wire:  # and who does not wait for it is answered too
        answer = wire.send(whole).answer()
        assert answer is not None
        last = answer if answer.status != 100 else wire.answer()
        assert last is not None
        assert last.status == 200


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_who_wants_to_leave_may(sender: Sender, version: str) -> None:
    headers = {**sender.headers, "connection": "close"}
    body = sender.event(f"leaving-{version}")
    with Wire(sender.port) as wire:
        answers = wire.send(request(body, headers, version=version)).answers()
    assert [answer.status for answer in answers] == [200]
    assert f"leaving-{version}" in sender.stored()


def test_an_older_http_is_answered_and_closed(sender: Sender) -> None:
    with Wire(sender.port) as wire:
        answers = wire.send(request(sender.event("old"), sender.headers, version="1.0")).answers()
    assert [answer.status for answer in answers] == [200]


# --- too large -----------------------------------------------------------------------------------------


def refusal(answers: list[Answer], status: int, code: str) -> None:
    assert [answer.status for answer in answers[-1:]] == [status], answers
    assert answers[-1].json["error"]["code"] == code


def test_too_large_is_said_before_it_was_all_sent(sender: Sender) -> None:
    body = b" " * (LIMIT + 1)
    with Wire(sender.port) as wire:
        wire.send(request(body, sender.headers)[: -len(body)])
        answer = wire.answer()
        assert answer is not None
        refusal([answer], 413, "too_large")
        assert f"{LIMIT} bytes" in answer.json["error"]["message"]
    with Wire(sender.port) as wire:
        wire.send(sender.raw(b"transfer-encoding: chunked"))
        piece = b"1000\r\n" + b" " * 4096 + b"\r\n"
        for _ in range(LIMIT // 4096 + 2):
            wire.send(piece)
        answer = wire.answer()
        assert answer is not None
        refusal([answer], 413, "too_large")
    with Wire(sender.port) as wire:
        body = b" " * (LIMIT - 200) + sender.event("as large as may be")
        answer = wire.send(request(body[-LIMIT:], sender.headers)).answer()
        assert answer is not None
        assert answer.status == 200


def test_a_batch_too_long_is_a_413_that_says_so(sender: Sender) -> None:
    body = json.dumps([{"type": "track", "payload": {"name": "x"}}] * 101).encode()
    with Wire(sender.port) as wire:
        answer = wire.send(request(body, sender.headers, "/track/batch")).answer()
    assert answer is not None
    refusal([answer], 413, "too_large")
    assert answer.json["error"]["field"] == "events"
    assert "100" in answer.json["error"]["message"]


@pytest.mark.parametrize(
    "head",
    [
        b"POST /track HTTP/1.1\r\nx: " + b"y" * 70_000,
        b"POST /" + b"y" * 70_000,
        b"POST /track HTTP/1.1\r\n" + b"x: y\r\n" * 12_000,
        b"POST /track HTTP/1.1\r\n" + b"x" * 70_000,
        b"\r\n" * 40_000,
    ],
    ids=["value", "target", "lines", "name", "blank lines"],
)
def test_a_head_too_large_is_refused(sender: Sender, head: bytes) -> None:
    with Wire(sender.port) as wire:
        answers = wire.send(head, b"\r\n\r\n").answers()
    assert not answers or answers[-1].status in (400, 431)
    still_works(sender)
