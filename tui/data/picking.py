"""A cluster asked for rows with further cells, for lists with columns of the user's own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from tui.data.ports import KubePort
from tui.model.jsonpath import Path, parse_path
from tui.model.kube import KindRef, RowEvent, TablePage


class Picking:
    """What a reflector asks (`tui.data.listwatch.ListWatch`), with the paths that are wanted."""

    def __init__(self, port: KubePort, paths: Sequence[Path]) -> None:
        self._port = port
        self._paths = paths

    async def version(self) -> str:
        return await self._port.version()

    def list_pages(
        self,
        kind: KindRef,
        *,
        namespace: str = "",
        labels: str = "",
        fields: str = "",
        limit: int = 500,
        version: str = "",
    ) -> AsyncIterator[TablePage]:
        return self._port.list_pages(
            kind,
            namespace=namespace,
            labels=labels,
            fields=fields,
            limit=limit,
            version=version,
            paths=self._paths,
        )

    def watch(
        self,
        kind: KindRef,
        *,
        namespace: str = "",
        labels: str = "",
        fields: str = "",
        version: str = "",
        timeout: int = 300,
    ) -> AsyncIterator[list[RowEvent]]:
        return self._port.watch(
            kind,
            namespace=namespace,
            labels=labels,
            fields=fields,
            version=version,
            timeout=timeout,
            paths=self._paths,
        )


def picking(connect: Callable[[], Awaitable[KubePort]], paths: Sequence[str]) -> Callable[[], Awaitable[Picking]]:
    """The same connection, asked for these paths too."""
    parsed = [parse_path(path) for path in paths]

    async def connected() -> Picking:
        return Picking(await connect(), parsed)

    return connected
