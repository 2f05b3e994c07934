"""What is no lawful HTTP ends with a 4xx or a closed connection, and hides no second request."""

import contextlib
import random
import socket
import time

import pytest

from tests.support.wire import Sender, Wire, request, still_works

CHUNKED = b"transfer-encoding: chunked"
BOTH = b"content-length: <hidden>"
LENGTH = b"content-length: <event>"

# Lines of the head, and the body: each can be read as one request, or as one that hides another.
# <event> and <hidden> stand for the bodies, and in a head for their lengths.
SMUGGLING: dict[str, tuple[tuple[bytes, ...], bytes]] = {
    "length and chunks": ((BOTH, CHUNKED), b"<hidden>"),
    "chunks and length": ((CHUNKED, BOTH), b"<hidden>"),
    "two lengths": ((LENGTH, b"content-length: 0"), b"<event><inner>"),
    "two lengths, the short one first": ((b"content-length: 0", LENGTH), b"<inner>"),
    "the same length twice": ((LENGTH, LENGTH), b"<event><inner>"),
    "two lengths in one": ((b"content-length: 0, <event>",), b"<event><inner>"),
    "chunks, then not": ((CHUNKED, b"transfer-encoding: identity", BOTH), b"<hidden>"),
    "strange coding": ((b"transfer-encoding: xchunked", BOTH), b"<hidden>"),
    "coding in quotes": ((b'transfer-encoding: "chunked"', BOTH), b"<hidden>"),
    "coding before a space": ((b"transfer-encoding : chunked", BOTH), b"<hidden>"),
    "coding after a bare LF": ((b"x: y\ntransfer-encoding: chunked", BOTH), b"<hidden>"),
    "coding after a bare CR": ((b"x: y\rtransfer-encoding: chunked", BOTH), b"<hidden>"),
    "coding with a null": ((b"transfer-encoding: chunked\x00", BOTH), b"<hidden>"),
    "not the last coding": ((b"transfer-encoding: chunked, gzip", BOTH), b"<hidden>"),
    "length with a sign": ((b"content-length: +0",), b"<inner>"),
    "length in hexadecimal": ((b"content-length: 0x5",), b"<inner>"),
    "length with a space": ((b"content-length: 0 5",), b"<inner>"),
    "length with a line": ((b"content-length: 0_0",), b"<inner>"),
    "length below nothing": ((b"content-length: -1",), b"<inner>"),
    "length past counting": ((b"content-length: " + b"9" * 40,), b"<inner>"),
    "length past reading": ((b"content-length: " + b"9" * 5000,), b"<inner>"),
    "length of nothing": ((b"content-length:",), b"<inner>"),
    "chunk past counting": ((CHUNKED,), b"f" * 40 + b"\r\n<inner>"),
    "chunk below nothing": ((CHUNKED,), b"-1\r\n<inner>"),
    "chunk of a word": ((CHUNKED,), b"ten\r\n<inner>"),
    "chunk without its end": ((CHUNKED,), b"3\r\nabcd\r\n0\r\n\r\n<inner>"),
    "a name with a space": ((b"content length: 0", LENGTH, b"x y: z"), b"<event><inner>"),
    "a line without a colon": ((b"content-length",), b"<inner>"),
    "a line of a colon": ((b": 5",), b"<inner>"),
    "a folded line": ((b"x: y", b" content-length: 0", CHUNKED, BOTH), b"<hidden>"),
    "a null in a value": ((b"x: a\x00b", b"content-length: 0"), b"<inner>"),
    "a null in a name": ((b"x\x00: b", b"content-length: 0"), b"<inner>"),
}


def _filled(text: bytes, parts: dict[bytes, bytes], *, lengths: bool) -> bytes:
    for name, part in parts.items():
        text = text.replace(b"<" + name + b">", b"%d" % len(part) if lengths else part)
    return text


@pytest.mark.parametrize("case", SMUGGLING)
def test_no_request_hides_in_another(sender: Sender, case: str) -> None:
    name = f"smuggled by {case}"
    inner = sender.post(name)
    parts = {b"event": sender.event("outer"), b"hidden": b"0\r\n\r\n" + inner, b"inner": inner}
    lines, body = SMUGGLING[case]
    whole = sender.raw(
        *(_filled(line, parts, lengths=True) for line in lines), body=_filled(body, parts, lengths=False)
    )
    for cut in (len(whole), len(whole) - len(inner), len(whole) // 2):
        with Wire(sender.port) as wire:
            answers = wire.send(*filter(None, (whole[:cut], whole[cut:]))).answers()
        assert all(400 <= answer.status < 500 for answer in answers), answers
        assert len(answers) <= 1, answers
    assert name not in sender.stored()


GARBAGE: dict[str, bytes] = {
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x5a" * 300,
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00",
    "HTTP/0.9": b"GET /track\r\n\r\n",
    "HTTP/3.7": b"GET /track HTTP/3.7\r\nhost: x\r\n\r\n",
    "lower case": b"get /track http/1.1\r\n\r\n",
    "no version": b"POST /track\r\nhost: x\r\n\r\n",
    "no target": b"POST HTTP/1.1\r\nhost: x\r\n\r\n",
    "spaces first": b"   POST /track HTTP/1.1\r\nhost: x\r\n\r\n",
    "target with a space": b"POST /tr ack HTTP/1.1\r\nhost: x\r\n\r\n",
    "target with a null": b"POST /track\x00 HTTP/1.1\r\nhost: x\r\n\r\n",
    "SMTP": b"EHLO mail.example\r\nMAIL FROM:<a@b.co>\r\n\r\n",
    "Redis": b"*1\r\n$4\r\nPING\r\n\r\n\r\n",
    "an answer": b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
    "proxy": b"PROXY TCP4 8.8.8.8 8.8.4.4 1 2\r\nPOST /track HTTP/1.1\r\nhost: x\r\n\r\n",
    "nulls": b"\x00" * 500 + b"\r\n\r\n",
    "high bytes": b"\xff" * 500 + b"\r\n\r\n",
    "an upgrade to HTTP/2": b"GET /track HTTP/1.1\r\nhost: x\r\nconnection: Upgrade, HTTP2-Settings\r\n"
    b"upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n",
    "an upgrade to a socket": b"GET /track HTTP/1.1\r\nhost: x\r\n"
    b"connection: upgrade\r\nupgrade: websocket\r\n"
    b"sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n",
    "a tunnel": b"CONNECT evil.example:443 HTTP/1.1\r\nhost: evil.example\r\n\r\n",
    "a trace": b"TRACE /track HTTP/1.1\r\nhost: x\r\n\r\n",
    "asterisk": b"OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n",
    "a far target": b"GET http://evil.example/nowhere HTTP/1.1\r\nhost: evil.example\r\n\r\n",
    "dots": b"GET /../../../../etc/passwd HTTP/1.1\r\nhost: x\r\n\r\n",
    "encoded dots": b"GET /%2e%2e/%2e%2e/etc/passwd%00 HTTP/1.1\r\nhost: x\r\n\r\n",
    "bytes in a target": b"GET /\xff\xfe HTTP/1.1\r\nhost: x\r\n\r\n",
    "half a percent": b"GET /%f HTTP/1.1\r\nhost: x\r\n\r\n",
    "no host": b"GET /nowhere HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /nowhere HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n",
    "bare LF throughout": b"GET /nowhere HTTP/1.1\nhost: x\n\n",
}


@pytest.mark.parametrize("case", GARBAGE)
def test_what_is_no_request_ends_clearly(sender: Sender, case: str) -> None:
    with Wire(sender.port) as wire:
        wire.send(GARBAGE[case])
        answer = wire.answer()
    assert answer is None or answer.status == 204 or 400 <= answer.status < 500, answer
    still_works(sender)


def test_a_target_with_a_host_is_one_of_ours_or_refused(sender: Sender) -> None:
    for target in ("http://evil.example/track", "http://localhost/track", "//evil.example/track", "/track#a"):
        with Wire(sender.port) as wire:
            answer = wire.send(request(sender.event("far"), sender.headers, target)).answer()
        assert answer is None or answer.status == 200 or 400 <= answer.status < 500, target


def test_bytes_changed_at_random_break_nothing(sender: Sender) -> None:
    chance = random.Random(11)
    whole = (
        sender.post("changed") + sender.raw(CHUNKED, body=b"5\r\nabcde\r\n0\r\n\r\n") + sender.post("changed")
    )
    until = time.monotonic() + 8
    while time.monotonic() < until:
        data = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(data))
            match chance.randrange(4):
                case 0:
                    del data[at : at + chance.randint(1, 40)]
                case 1:
                    data[at:at] = chance.choice(
                        (b"\r\n", b"\n", b"\x00", b" ", b":", b"\r\n\r\n", b"\xff", b"0")
                    )
                case _:
                    data[at] = chance.randrange(256)
        cut = chance.randrange(len(data))
        with Wire(sender.port) as wire:
            wire.send(bytes(data[:cut]), bytes(data[cut:]))
            with contextlib.suppress(OSError):  # the server hung up first
                wire.socket.shutdown(socket.SHUT_WR)
            for answer in wire.answers():
                assert 200 <= answer.status < 500, (bytes(data), answer)
    still_works(sender)
