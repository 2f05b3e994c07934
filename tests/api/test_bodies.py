import asyncio
from collections.abc import MutableMapping
from typing import Any

import msgspec
import pytest
from starlette.requests import Request

from eventlens.api.bodies import MOST_BYTES, read_body
from eventlens.errors import InvalidInput, TooLarge


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    """Something inside of a body."""

    numbers: list[int]


class Body(msgspec.Struct, forbid_unknown_fields=True):
    """A body with all that can be wrong."""

    name: str = ""
    inner: Inner | None = None
    rows: list[Inner] = []
    by_name: dict[str, int] = {}


def read(*chunks: bytes, whole: bool = True, optional: bool = False) -> Body:
    messages: list[MutableMapping[str, Any]] = [
        {"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks
    ]
    messages.append({"type": "http.request", "body": b""} if whole else {"type": "http.disconnect"})

    async def receive() -> MutableMapping[str, Any]:
        return messages.pop(0)

    request = Request({"type": "http", "method": "POST", "headers": []}, receive)
    return asyncio.run(read_body(request, Body, optional=optional))


def test_a_body_may_come_in_pieces() -> None:
    assert read(b'{"na', b'me": "\xc3', b'\xa9"}').name == "é"


def test_only_where_it_may_be_left_out_no_body_is_an_empty_one() -> None:
    assert read(b" ", optional=True) == Body()
    assert read(b'{"name": "x"}', optional=True).name == "x"
    with pytest.raises(InvalidInput):
        read(b"")


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        (b'{"name": 1}', "name"),
        (b'{"name": null}', "name"),
        (b'{"nmae": "x"}', "nmae"),
        (b'{"": 1}', "body"),
        (b'{"inner": {}}', "inner/numbers"),
        (b'{"inner": {"numbers": [1, "2"]}}', "inner/numbers/1"),
        (b'{"rows": [{"numbers": []}, {"numbers": [1.5]}]}', "rows/1/numbers/0"),
        (b'{"rows": [{"numbers": [], "x": 1}]}', "rows/0/x"),
        (b'{"by_name": {"a": "b"}}', "by_name"),
        (b"[]", "body"),
        (b"null", "body"),
        (b"{", "body"),
        (b"", "body"),
        (b'{"name": "\xff"}', "body"),
        (b"[" * 100_000, "body"),
    ],
)
def test_what_is_wrong_is_named(sent: bytes, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read(sent)
    assert caught.value.field == field
    assert "\n" not in caught.value.message


def test_an_endless_body_is_not_read_to_its_end() -> None:
    with pytest.raises(TooLarge):
        read(*[b" " * 65_536] * (MOST_BYTES // 65_536 + 1), b"never read", whole=False)


def test_who_goes_away_half_way_is_no_mistake_of_ours() -> None:
    with pytest.raises(InvalidInput):
        read(b'{"name": ', whole=False)
