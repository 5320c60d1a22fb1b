"""What an object tells of its own past without being read as a whole: when it was made, who has written to it and when,
and, where the server prints it, how often its containers have restarted."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct


class Writer(Struct, frozen=True, gc=False):
    """One entry of `metadata.managedFields`, without the fields. time: RFC 3339, of its newest write. part: the
    sub-resource it was written through, "" for the object itself."""

    manager: str = ""
    time: str = ""
    part: str = ""


class Trace(Struct, frozen=True, gc=False):
    """created, deleting: RFC 3339, "" where absent. restarts: as it is printed of a pod, "3 (5m ago)"; "" of other
    kinds."""

    uid: str
    namespace: str
    name: str
    created: str = ""
    deleting: str = ""
    writers: tuple[Writer, ...] = ()
    restarts: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Unique within a kind and cluster."""
        return (self.namespace, self.name)


class TracePage(Struct, frozen=True):
    """One page of a list of them."""

    items: Sequence[Trace]
    continue_token: str = ""
