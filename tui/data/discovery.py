"""Which kinds each cluster serves: asked for once, and seldom again, since CustomResourceDefinitions come and go.

What a cluster answered is kept on disk and used at once the next time, while it is asked again: the first list of a
kind then costs no way there and back more than a list of pods.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from tui.data.demand import on_demand
from tui.data.poller import Polled, Poller
from tui.data.ports import KubePort
from tui.data.runtime import Runtime
from tui.data.topic import Cell
from tui.files import read_private, write_private
from tui.model.cluster import ClusterRef
from tui.model.kube import KindRef

EVERY = 600.0
FORMAT = 2
"""Of the files; others are as good as none."""

Kinds = tuple[KindRef, ...]


class Held(msgspec.Struct, frozen=True):
    """What a file holds. at: epoch seconds at which the cluster answered so."""

    format: int
    cluster: str
    at: float
    kinds: Kinds


class Discovery:
    """The served kinds of every cluster that is asked about. folder: where they are kept, None = nowhere."""

    def __init__(
        self, runtime: Runtime, connect: Callable[[ClusterRef], Awaitable[KubePort]], folder: Path | None = None
    ) -> None:
        self._runtime = runtime
        self._connect = connect
        self._folder = folder
        self._cells: dict[str, Cell[Kinds]] = {}
        self._jobs: dict[str, _Discovering] = {}

    def kinds(self, ref: ClusterRef) -> Cell[Kinds]:
        """What `ref` serves."""
        cell = self._cells.get(ref.key)
        if cell is None:
            cell = self._cells[ref.key] = on_demand(self._runtime, lambda made: self._job(ref, made))
        return cell

    def look_again(self, ref: ClusterRef) -> None:
        """Ask now, where nobody is asking: something is wanted that was not served when it was last asked."""
        job = self._jobs.get(ref.key)
        if job is not None:
            job.check()

    def _job(self, ref: ClusterRef, cell: Cell[Kinds]) -> _Discovering:
        job = self._jobs[ref.key] = _Discovering(ref, cell, self._runtime, self._connect, self._folder)
        return job


class _Discovering:
    """First what the file says, then what the cluster does."""

    def __init__(
        self,
        ref: ClusterRef,
        cell: Cell[Kinds],
        runtime: Runtime,
        connect: Callable[[ClusterRef], Awaitable[KubePort]],
        folder: Path | None,
    ) -> None:
        self.name = f"discovery of {ref.name}"
        self._ref = ref
        self._cell = cell
        self._clock = runtime.clock
        self._connect = connect
        self._path = path_of(folder, ref.key) if folder is not None else None
        self._written: Kinds | None = None
        self._poller = Poller(self.name, cell, self._ask, runtime, every=EVERY, group=ref.key)

    def check(self) -> None:
        self._poller.check()

    async def run(self) -> None:
        if self._path is not None and self._cell.feed.value is None:
            held = await asyncio.to_thread(load_kinds, self._path, self._ref.key)
            if held is not None:
                self._written = held.kinds
                self._cell.put(held.kinds, held.at)
        await self._poller.run()

    async def _ask(self) -> Polled[Kinds]:
        kinds = await (await self._connect(self._ref)).discover()
        if self._path is not None and kinds != self._written:
            held = Held(FORMAT, self._ref.key, self._clock.now(), kinds)
            if await asyncio.to_thread(write_private, self._path, msgspec.json.encode(held)):
                self._written = kinds
        return Polled(kinds)


def path_of(folder: Path, cluster: str) -> Path:
    """The file of a cluster, by its key, which is a path or a URL."""
    return folder / "discovery" / f"{hashlib.sha256(cluster.encode()).hexdigest()[:24]}.json"


def load_kinds(path: Path, cluster: str) -> Held | None:
    """What the file says; None where it is not what was written for this cluster. Blocks."""
    content = read_private(path)
    if content is None:
        return None
    try:
        held = msgspec.json.decode(content, type=Held)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return held if (held.format, held.cluster) == (FORMAT, cluster) and held.kinds else None
