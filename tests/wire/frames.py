"""What a server of WebSockets sends, good and bad."""

from __future__ import annotations


def sent(opcode: int, data: bytes, *, final: bool = True, bits: int = 0, mask: int = 0) -> bytes:
    """A frame of a server."""
    first = bytes(((0x80 if final else 0) | bits | opcode,))
    size = len(data)
    if size < 126:
        return first + bytes((mask | size,)) + data
    width, code = (2, 126) if size < 65_536 else (8, 127)
    return first + bytes((mask | code,)) + size.to_bytes(width) + data
