"""Values that hold credentials: no text tells what is in them, neither a log's nor a crash's."""

from __future__ import annotations

from typing import Any

from msgspec import Struct


class Unspoken(Struct, frozen=True):
    """Printed as its name alone."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """The same where Rich prints it, which would ask msgspec's own."""
        return []
