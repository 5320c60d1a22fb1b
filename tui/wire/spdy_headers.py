"""Header blocks of SPDY/3.1: names and values, compressed in one continuous zlib stream per direction.

Source: SPDY protocol draft 3.1, section 2.6.10, whose dictionary is built below word by word;
github.com/moby/spdystream (spdy/read.go, write.go) is what API servers run.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from struct import Struct

from tui.wire.errors import WireError

Headers = tuple[tuple[str, str], ...]
"""Lower-case names and their values, in order."""

LARGEST_BLOCK = 64 << 10
"""Bytes of a header block once it is unpacked. A port-forward needs a hundred; a bomb needs more."""

_U32 = Struct(">I")

_WORDS = (
    "options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow "
    "authorization cache-control connection content-base content-encoding content-language content-length "
    "content-location content-md5 content-range content-type date etag expect expires from host if-match "
    "if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards pragma "
    "proxy-authenticate proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade "
    "user-agent vary via warning www-authenticate method get status"
)
_MORE = "version HTTP/1.1 url public set-cookie keep-alive origin"
_REST = (
    "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505"
    "203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden"
    "404 Not Found500 Internal Server Error501 Not Implemented503 Service Unavailable"
    "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT"
    "chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,text/javascript,"
    "publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0."
)
DICTIONARY = (
    b"".join(
        _U32.pack(len(word)) + word.encode()
        for word in (
            *_WORDS.split(),
            "200 OK",
            *_MORE.split(),
        )
    )
    + _REST.encode()
)


class Packer:
    """Packs the header blocks of one direction, in the order in which they are sent."""

    def __init__(self) -> None:
        self._zlib = zlib.compressobj(9, zdict=DICTIONARY)

    def pack(self, headers: Iterable[tuple[str, str]]) -> bytes:
        """The compressed block."""
        listed = [(name.lower().encode(), value.encode()) for name, value in headers]
        parts = [_U32.pack(len(listed))]
        for name, value in listed:
            parts += (_U32.pack(len(name)), name, _U32.pack(len(value)), value)
        return self._zlib.compress(b"".join(parts)) + self._zlib.flush(zlib.Z_SYNC_FLUSH)


class Unpacker:
    """Unpacks the header blocks of one direction, in the order in which they come."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(zdict=DICTIONARY)

    def unpack(self, block: bytes) -> Headers:
        """Raises WireError for what is no header block, or for one that unpacks to more than `LARGEST_BLOCK`."""
        try:
            plain = self._zlib.decompress(block, LARGEST_BLOCK)
        except zlib.error as exc:
            raise WireError(f"a header block that cannot be unpacked: {exc}") from exc
        if self._zlib.unconsumed_tail:
            raise WireError(f"a header block of more than {LARGEST_BLOCK} bytes")
        return _read(plain)


def _read(plain: bytes) -> Headers:
    place = 0

    def number() -> int:
        nonlocal place
        if place + 4 > len(plain):
            raise WireError("a header block that ends too soon")
        place += 4
        return int(_U32.unpack_from(plain, place - 4)[0])

    def word() -> str:
        nonlocal place
        length = number()
        if place + length > len(plain):
            raise WireError("a header block that ends too soon")
        place += length
        return plain[place - length : place].decode("utf-8", "replace")

    return tuple((word().lower(), word()) for _ in range(number()))
