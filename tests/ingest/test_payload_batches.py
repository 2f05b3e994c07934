"""Many bodies in one request: an array, an object with `events`, or a line each."""

from typing import Any

import pytest

from eventlens.ingest.payload import Refusal, read_batch

ONE = '{"type":"track","payload":{"name":"a"}}'


def codes(found: Any) -> list[str]:
    assert not isinstance(found, Refusal), found
    return [body.code if isinstance(body, Refusal) else "" for body in found]


@pytest.mark.parametrize("frame", ['{{"events":[{}]}}', "[{}]", " \n[{}]", '{{"other":1,"events":[{}]}}'])
@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([], []),
        ([ONE, ONE], ["", ""]),
        ([ONE, "{}", ONE], ["", "invalid", ""]),
        ([ONE, "null", "[]", "5"], ["", "invalid", "invalid", "invalid"]),
        ([ONE, '{"type":"track","payload":{"name":"\\ud800"}}', ONE], ["", "", ""]),
        ([ONE, '{"type":"track","payload":{"name":"\\ud800","id":""}}', "{}"], ["", "", "invalid"]),
        ([ONE, '{"type":"track","payload":{"name":"a","properties":{"x":1e999}}}'], ["", "invalid"]),
        (
            [ONE, '{"type":"track","payload":{"name":"a","properties":' + "[" * 400 + "]" * 400 + "}}"],
            ["", "invalid"],
        ),
    ],
)
def test_one_bad_event_never_sinks_the_rest(frame, parts, expected):
    assert codes(read_batch(frame.format(",".join(parts)).encode(), lines=False, limit=10)) == expected


def test_a_line_each():
    raw = f"{ONE}\r\n\n  \n{{\n{ONE}\n".encode()
    assert codes(read_batch(raw, lines=True, limit=10)) == ["", "malformed", ""]


@pytest.mark.parametrize(
    ("raw", "code", "field"),
    [
        (b"", "malformed", ""),
        (b"{}", "invalid", "events"),
        (b'{"events":{}}', "invalid", "events"),
        (b'{"events":null}', "invalid", "events"),
        (b"5", "invalid", ""),
        (b"[", "malformed", ""),
        (b"[" * 100_000, "malformed", ""),
        (b'{"events":' + b"[" * 100_000, "malformed", ""),
    ],
)
def test_what_is_no_batch(raw, code, field):
    refusal = read_batch(raw, lines=False, limit=10)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.field) == (code, field)


@pytest.mark.parametrize("lines", [False, True])
@pytest.mark.parametrize("last", [ONE, "{}"])
def test_a_batch_has_a_limit(lines, last):
    def batch(count: int) -> bytes:
        parts = [*[ONE] * (count - 1), last]
        return ("\n".join(parts) if lines else f"[{','.join(parts)}]").encode()

    assert len(codes(read_batch(batch(3), lines=lines, limit=3))) == 3
    refusal = read_batch(batch(4), lines=lines, limit=3)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.field) == ("too_large", "events")


def test_a_batch_is_one_clients():
    """Else what one client may not do could ride on another's credentials, into the other's project."""
    named = '{{"type":"track","clientId":"{}","payload":{{"name":"a"}}}}'
    array = f"[{ONE},{named.format('A')},{named.format('B')},{named.format('A')}]"
    for raw, lines in ((array, False), (array.strip("[]").replace('},{"type', '}\n{"type'), True)):
        found = read_batch(raw.encode(), lines=lines, limit=10)
        assert codes(found) == ["", "", "invalid", ""]
