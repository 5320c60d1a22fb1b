"""The one thing that framing can say about bytes: that they are not what the protocol promises."""

from __future__ import annotations


class WireError(Exception):
    """Bytes that the protocol does not allow. The message names what was wrong; the connection can only be closed."""
