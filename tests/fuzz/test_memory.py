"""Tens of thousands of hostile requests, no two alike: the memory of a real server does not grow by them."""

import json
import random
from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.support.hostile import collection_routes
from tests.support.processes import resident_mb
from tests.support.server import Server
from tests.support.wire import Sender, Wire, request, still_works

ROUND = 15_000
"""Requests: more than any cache of the process has entries."""
PIPELINED = 50
MOST_GROWN_MB = 60
"""Between the second round and the last; a kilobyte kept of each request would be three times as much."""

ROUTES = [route for route in collection_routes() if route[1] != "/track/device-id"]


def hostile(chance: random.Random, known: dict[str, str]) -> bytes:
    """One request of a kind of its own: new ids, agents, addresses, origins, credentials, names, fields."""
    word = f"{chance.getrandbits(64):x}"
    headers = {
        "user-agent": f"Mozilla/5.0 ({word}) {'x' * chance.choice((0, 0, 900))}",
        "x-forwarded-for": f"{chance.getrandbits(32)}, 8.8.{chance.randrange(256)}.{chance.randrange(256)}",
        "origin": f"https://{word}.example",
        "openpanel-sdk-name": word,
        "idempotency-key": word * chance.choice((1, 20)),
        "event-lens-client-id": chance.choice((str(uuid4()), word, known["event-lens-client-id"])),
        "event-lens-client-secret": chance.choice((word, word * 100, "")),
    }
    method, path = chance.choice(ROUTES)
    if chance.random() < 0.1:  # one of ours, refused for what it says, or a bot
        headers |= known
        headers["user-agent"] = f"Googlebot/{word}"
    kind = chance.choice(("track", "identify", "increment", "alias", "group", "replay", word))
    payload = {
        "name": word,
        "profileId": word,
        word: word,
        "deviceId": word * chance.choice((1, 9)),
        "id": word,
    }
    payload |= {
        "property": word,
        "alias": word,
        "value": chance.choice((1, word)),
        "properties": {word: word},
    }
    whole = {"type": kind, "payload": payload} if path.startswith("/track") else payload
    body = json.dumps([whole] if chance.random() < 0.2 else whole).encode()
    if chance.random() < 0.2:
        body = body[: chance.randrange(len(body))]
    return request(b"" if method == "GET" else body, headers, f"{path}?{word}={word}", method)


def rounds(sender: Sender, chance: random.Random) -> Iterator[None]:
    known = {name: text for name, text in sender.headers.items() if "client" in name}
    while True:
        for _ in range(ROUND // PIPELINED):
            with Wire(sender.port, 30) as wire:
                wire.send(b"".join(hostile(chance, known) for _ in range(PIPELINED)))
                for _ in range(PIPELINED):
                    answer = wire.answer()
                    assert answer is not None
                    assert answer.status < 500, answer
        yield


@pytest.mark.timeout(300)
def test_memory_does_not_grow(hostile_server: Server) -> None:
    sender = Sender(hostile_server.project("Memory"))
    turns = rounds(sender, random.Random(3))
    sizes: list[float] = []
    for _ in range(4):
        next(turns)
        still_works(sender)
        sizes.append(round(resident_mb(hostile_server.child.pid), 1))
    assert sizes[-1] - sizes[1] < MOST_GROWN_MB, sizes
