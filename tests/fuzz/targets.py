"""What the fuzzers call: bytes of a stranger go in, and a broken promise is an AssertionError.

`guided.py` runs these under coverage guidance; `test_corpus.py` runs them over the corpus.
"""

from collections.abc import Callable
from ipaddress import ip_address, ip_network

import msgspec

from eventlens.accounts.origins import origin_allowed
from eventlens.api.doors import DOORS, Answer, Asked
from eventlens.api.sender import (
    Networks,
    address_of,
    credentials_of,
    headers_of,
    raw_credentials_of,
    sender_of,
)
from eventlens.events import Context, Envelope, pack, unpack
from eventlens.ingest.accept import Collected
from eventlens.ingest.payload import (
    BODIES,
    Body,
    Moment,
    Refusal,
    command_of,
    identify_inside,
    read_batch,
    read_body,
    read_payload,
    stated_address,
)
from eventlens.ingest.process import Batch, process
from tests.support.project import BROWSER

NOW = 1_790_000_000_000
LIMIT = 50
PROXIES: Networks = (ip_network("10.0.0.0/8"), ip_network("2001:db8::/32"))
PEERS = ("198.51.100.7", "10.1.2.3", "2001:db8::7", "")
ORIGINS = ("https://shop.example", "*.foo.com", "bar.com:8443")


def payload(data: bytes) -> None:
    """A body, whichever route it came to: commands that can be queued and processed, or named refusals."""
    _body(read_body(data))
    for kind in BODIES:
        _body(read_payload(kind, data))
    for lines in (False, True):
        batch = read_batch(data, lines=lines, limit=LIMIT)
        if isinstance(batch, Refusal):
            _refusal(batch)
        else:
            assert len(batch) <= LIMIT
            for each in batch:
                _body(each)


def _body(body: Body | Refusal) -> None:
    if isinstance(body, Refusal):
        _refusal(body)
        return
    stated = stated_address(body)
    assert not stated or str(ip_address(stated)) == stated
    for trusted in (False, True):
        moment = Moment(NOW, trusted)
        command = command_of(body, moment)
        if isinstance(command, Refusal):
            _refusal(command)
            assert command.field, command
            continue
        inside = identify_inside(body, command, moment)
        if isinstance(inside, Refusal):
            _refusal(inside)
            assert inside.field.startswith("payload/properties/__identify"), inside
            continue
        commands = [command] if inside is None else [command, inside]
        record = pack([Envelope(Context("fuzz", BROWSER), commands)])
        (envelope,) = unpack(record)
        assert pack([envelope]) == record
        process(NOW << 20, envelope, Batch(NOW << 20))


def doors(data: bytes) -> None:
    """Query, headers one a line, an empty line, body: every door reads it or refuses it in its words."""
    head, _, body = data.partition(b"\n\n")
    query, *lines = head.split(b"\n")
    asked = Asked(query, headers_of([_header(line) for line in lines]), body)
    for door in DOORS:
        assert isinstance(door.headers(asked.headers), dict)
        reading = door.read(asked, LIMIT)
        bodies = reading if isinstance(reading, list) else [reading]
        refusals = [each for each in bodies if isinstance(each, Refusal)]
        for each in bodies:
            _body(each)
        for refusal in refusals:
            _answer(door.refuse(refusal))
        collected = Collected(len(bodies) - len(refusals), list(enumerate(refusals)), "d" * 32, "s" * 22)
        _answer(door.answer(reading, collected))


def _header(line: bytes) -> tuple[bytes, bytes]:
    name, _, value = line.partition(b":")
    return name.strip().lower(), value.strip()


def _answer(answer: Answer) -> None:
    assert 200 <= answer.status < 500, answer
    kind = dict(answer.headers)[b"content-type"]
    if kind == b"application/json":
        msgspec.json.decode(answer.body)
    elif kind.startswith(b"text/plain"):
        answer.body.decode()
    else:
        assert answer.body.startswith(b"GIF89a")


def _refusal(refusal: Refusal) -> None:
    assert refusal.code, refusal
    assert 0 < len(refusal.message) < 400, refusal
    assert len(refusal.field) < 400, refusal
    refusal.message.encode()
    refusal.field.encode()


def sender(data: bytes) -> None:
    """Headers, one a line: an address that is one, credentials that are texts, origins matched whole."""
    headers = headers_of([_header(line) for line in data.splitlines()])
    raw_credentials_of(headers)
    credentials = credentials_of(headers, "", "")
    if origin_allowed(ORIGINS, credentials.origin):
        host = credentials.origin.strip().lower().rpartition("://")[2].removesuffix("/")
        host = host.removesuffix(":443").removesuffix(":80")
        assert host in ("shop.example", "bar.com:8443") or host.endswith(".foo.com"), credentials.origin
    for peer in PEERS:
        for trusted in (False, True):
            for proxies in ((), PROXIES):
                found = address_of(headers, peer, proxies=proxies, trusted=trusted)
                assert found == peer or str(ip_address(found)) == found
                if not trusted and not proxies:
                    assert found == peer
                whole = sender_of(headers, peer, proxies=proxies, trusted=trusted)
                assert whole.ip == found
                assert len(whole.user_agent) <= 1024


TARGETS: dict[str, Callable[[bytes], None]] = {"payload": payload, "doors": doors, "sender": sender}
