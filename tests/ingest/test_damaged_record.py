"""A record whose text is damaged on disk is set aside; everything else is stored."""

import msgspec
import pytest

from eventlens.events import Context, Envelope, Track, pack, unpack


def test_a_text_that_is_not_utf8_is_a_decoding_error() -> None:
    body = pack([Envelope(Context("p"), [Track("damaged-name", 1, own_time=False)])])
    damaged = body.replace(b"damaged-name", b"\xff\xfeamaged-name"[:12])
    with pytest.raises(msgspec.MsgspecError):
        unpack(damaged)
