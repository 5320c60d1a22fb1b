"""What list and watch are made of, whatever they bring: rows of Tables, whole objects, events.

The reflector's rules (`tui.data.watcher`) are the same for all of them; these Protocols are what it needs to know.
Of which kind and which objects, the reflector does not ask: whoever makes a `ListWatch` has bound it to them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any, Protocol, TypeVar

from msgspec import Struct

from tui.model.kube import EventType

V_co = TypeVar("V_co", covariant=True)


class Scope(Struct, frozen=True):
    """Which objects of a kind: a namespace ("" = all), a label and a field selector. paths: what of them is wanted as
    further cells (`tui.model.jsonpath`)."""

    namespace: str = ""
    labels: str = ""
    fields: str = ""
    paths: tuple[str, ...] = ()


class Page(Protocol):
    """One page of a list."""

    @property
    def version(self) -> str: ...


class Told(Protocol):
    """One event of a watch; version is the newest resourceVersion seen."""

    @property
    def type(self) -> EventType: ...
    @property
    def version(self) -> str: ...


class ListWatch(Protocol):
    """Some objects of one cluster, to be listed and watched (`tui.data.ports.KubePort` says more of both)."""

    async def version(self) -> str:
        """That of the server, which answers it whatever else it refuses."""
        ...

    def pages(self, limit: int) -> AsyncIterator[Page]:
        """The list. limit: rows of the first page; 0 = all in one. Raises EXPIRED as `KubePort.list_pages` does."""
        ...

    def watch(self, version: str, timeout: int) -> AsyncIterator[Sequence[Told]]:
        """Events after `version`, for up to `timeout` seconds, as `KubePort.watch` tells them."""
        ...


class Kept(Protocol[V_co]):
    """What a list and its watch have brought so far."""

    @property
    def complete(self) -> bool:
        """Whether a list has been read to its end."""
        ...

    def value(self) -> V_co:
        """The newest state, for the feed."""
        ...

    def begin(self) -> None:
        """A list begins, or begins anew."""
        ...

    def page(self, page: Any) -> None:
        """Take in one page."""
        ...

    def finish(self) -> None:
        """The list is complete: what it did not hold is gone."""
        ...

    def apply(self, event: Any) -> bool:
        """Take in one watch event; whether anything changed."""
        ...
