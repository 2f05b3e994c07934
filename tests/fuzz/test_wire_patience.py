"""Who is slow, leaves early, never reads or comes in crowds: the server ends it and serves the others."""

import contextlib
import random
import socket
import struct
import threading
import time
from collections.abc import Callable

import pytest

from eventlens.api.protocol import GuardedProtocol
from tests.fuzz.conftest import PER_ADDRESS
from tests.support.processes import resident_mb
from tests.support.server import Server
from tests.support.wire import Sender, Wire, request, still_works

LONGEST_SECONDS = 45
"""A head has 15 s and a body 30 s, and the watch comes round every 5 s."""


SLOW: dict[str, Callable[[Sender], bytes]] = {
    "half a method": lambda _: b"PO",
    "half a head": lambda sender: sender.post("slow")[:60],
    "a head without its last line": lambda sender: sender.post("slow").partition(b"\r\n\r\n")[0] + b"\r\n",
    "no body": lambda sender: sender.post("slow").partition(b"\r\n\r\n")[0] + b"\r\n\r\n",
    "half a body": lambda sender: sender.post("slow")[:-10],
    "half a chunk": lambda sender: sender.raw(b"transfer-encoding: chunked", body=b"64\r\nabc"),
    "no last chunk": lambda sender: sender.raw(b"transfer-encoding: chunked", body=b"3\r\nabc\r\n"),
    "half a pipelined one": lambda sender: sender.post("whole") + sender.post("slow")[:-10],
    "leave to send, unused": lambda sender: request(
        b"", {**sender.headers, "content-length": "50", "expect": "100-continue"}
    ),
}


@pytest.mark.timeout(150)
def test_the_slow_are_ended_and_the_quick_do_not_notice(sender: Sender) -> None:
    """All of them at once: it takes as long as the slowest."""
    outcomes: dict[str, list[int] | str] = {}
    begun = time.monotonic()

    def wait(case: str, *, trickle: bytes = b"") -> None:
        try:
            with Wire(sender.port, LONGEST_SECONDS) as wire:
                wire.send(SLOW[case](sender) if case in SLOW else b"POST /track HTTP/1.1\r\nx: ")
                stop = threading.Event()
                dripping = threading.Thread(target=_drip, args=(wire, trickle, stop), daemon=True)
                if trickle:
                    dripping.start()
                outcomes[case] = [answer.status for answer in wire.answers()]
                stop.set()
        except TimeoutError:
            outcomes[case] = f"was left waiting since {time.monotonic() - begun:.0f} s"
        except AssertionError as error:
            outcomes[case] = str(error)

    threads = [threading.Thread(target=wait, args=(case,), daemon=True) for case in SLOW]
    threads.append(threading.Thread(target=wait, args=("a trickle",), kwargs={"trickle": b"y"}, daemon=True))
    for thread in threads:
        thread.start()
    slowest = 0.0
    while any(thread.is_alive() for thread in threads) and time.monotonic() - begun < 100:
        asked = time.monotonic()
        still_works(sender)
        slowest = max(slowest, time.monotonic() - asked)
        time.sleep(0.2)
    assert set(outcomes) == {*SLOW, "a trickle"}
    for case, outcome in outcomes.items():
        assert isinstance(outcome, list), f"{case}: {outcome}"
        assert set(outcome) <= {100, 200, 408}, f"{case}: {outcome}"
        assert outcome.count(200) == (case == "half a pipelined one"), f"{case}: {outcome}"
    assert [408] in outcomes.values()
    assert slowest < 5
    assert "slow" not in sender.stored()


def _drip(wire: Wire, drop: bytes, stop: threading.Event) -> None:
    with contextlib.suppress(OSError):
        while not stop.wait(0.3):
            wire.socket.sendall(drop)


def _reset(connection: socket.socket) -> None:
    """Hang up as a broken line does: with a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def test_who_leaves_in_the_middle_leaves_nothing(wire_server: Server, sender: Sender) -> None:
    chance = random.Random(5)
    whole = sender.post("left in the middle")
    for number in range(300):
        wire = Wire(sender.port)
        wire.send(whole[: chance.randrange(1, len(whole))])
        (_reset if number % 2 else socket.socket.close)(wire.socket)
    still_works(sender)
    assert "left in the middle" not in sender.stored()


def test_who_leaves_before_the_answer_may_have_been_heard(sender: Sender) -> None:
    names = [f"unheard-{number}" for number in range(100)]
    for number, name in enumerate(names):
        wire = Wire(sender.port)
        wire.send(sender.post(name))
        (_reset if number % 2 else socket.socket.close)(wire.socket)
    answered = [f"heard-{number}" for number in range(50)]
    with Wire(sender.port) as wire:
        wire.send(b"".join(sender.post(name) for name in answered))
        for _ in answered:
            answer = wire.answer()
            assert answer is not None
            assert answer.status == 200
    assert set(answered) <= sender.stored()


def test_who_never_reads_cannot_fill_the_memory(wire_server: Server, sender: Sender) -> None:
    before = resident_mb(wire_server.child.pid)
    many = request(sender.event("never read"), {}) * 200
    wires = [Wire(sender.port, seconds=1) for _ in range(8)]
    sent = 0
    for wire in wires:
        with contextlib.suppress(OSError):  # it fills up: the server does not take it all
            for _ in range(150):
                wire.socket.sendall(many)
                sent += len(many)
    grown = resident_mb(wire_server.child.pid) - before
    for wire in wires:
        wire.socket.close()
    assert sent > 8 << 20
    assert grown < 100, f"{grown:.0f} MB for {sent >> 20} MB"
    still_works(sender)


def test_one_address_has_so_many_connections_and_no_more(wire_server: Server, sender: Sender) -> None:
    wires: list[Wire] = []
    try:
        wires.extend(Wire(sender.port, seconds=5) for _ in range(PER_ADDRESS + 20))
        refused = 0
        for wire in wires[PER_ADDRESS:]:
            answer = wire.answer()
            assert answer is not None
            assert answer.status == 503
            assert int(answer.headers["retry-after"]) > 0
            assert answer.json["error"]["code"] == "unavailable"
            refused += 1
        assert refused == 20
        first = wires[0].send(sender.post()).answer()
        assert first is not None
        assert first.status == 200
    finally:
        for wire in wires:
            wire.socket.close()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        with contextlib.suppress(AssertionError):
            still_works(sender)
            break
        time.sleep(0.05)
    still_works(sender)


def test_the_bounds_here_are_the_servers() -> None:
    slowest = (
        max(GuardedProtocol.head_seconds, GuardedProtocol.body_seconds) + 2 * GuardedProtocol.sweep_seconds
    )
    assert slowest < LONGEST_SECONDS
