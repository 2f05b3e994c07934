"""Bodies that come compressed: gzip, never larger than a body may be that comes as it is."""

import zlib

from eventlens.errors import TooLarge
from eventlens.ingest.payload import Refusal

_GZIP = 16 + zlib.MAX_WBITS

_NOT_TAKEN = Refusal("unsupported", "Expected `content-encoding: gzip`, or the body as it is")
_DAMAGED = Refusal("malformed", "The body is no whole gzip stream")


def unpacked(body: bytes, encoding: bytes, limit: int) -> bytes | Refusal:
    """A body as its sender meant it. Raises TooLarge where it has more than `limit` bytes.

    No more than that is ever unpacked, whatever the body stands for.
    """
    name = encoding.strip().lower()
    if name == b"identity":
        return body
    if name not in (b"gzip", b"x-gzip"):
        return _NOT_TAKEN
    stream = zlib.decompressobj(_GZIP)
    try:
        found = stream.decompress(body, limit + 1)
    except zlib.error:
        return _DAMAGED
    if len(found) > limit:
        raise TooLarge(f"The body is over the limit of {limit} bytes, unpacked.")
    return found if stream.eof and not stream.unused_data else _DAMAGED
