"""The far end of a command that this program speaks to itself: what it writes and what it is given."""

from __future__ import annotations

import asyncio
import re
import shlex
from collections.abc import AsyncIterator, Callable, Sequence

from tui.errors import Problem, ProblemKind, SourceError
from tui.streams.paths import Place
from tui.wire.channels import Data
from tui.wire.status import Ended

LONGEST_COMPLAINT = 4 << 10
"""Bytes of stderr that are kept, the last ones."""
_NO_TAR = re.compile(
    r"""exec: "?tar"?|executable file not found|tar: (command )?not found|tar['"’]: no such file""", re.I
)
_NO_ROOM = re.compile(r"no space left on device|quota exceeded", re.I)


class FarEnd:
    """A `tui.streams.remote.Near`. out: what stdout goes to. typed: what the command reads."""

    def __init__(
        self, out: Callable[[Sequence[memoryview]], object] | None, typed: AsyncIterator[Data] | None = None
    ) -> None:
        self._out = out
        self._typed = typed
        self.half_close = True
        """Whether the server can be told that what is typed has ended; known once the command has been accepted."""
        self.accepted = False
        """Whether the server has accepted the command."""
        self.complaint = b""

    @property
    def types(self) -> bool:
        """Whether the command is given anything to read."""
        return self._typed is not None

    async def opened(self, *, half_close: bool) -> None:
        self.accepted, self.half_close = True, half_close

    async def out(self, parts: Sequence[memoryview]) -> None:
        if self._out is not None and asyncio.iscoroutine(taken := self._out(parts)):
            await taken

    async def err(self, parts: Sequence[memoryview]) -> None:
        self.complaint = b"".join((self.complaint, *parts))[-LONGEST_COMPLAINT:]

    async def typed(self) -> AsyncIterator[Data]:
        if self._typed is not None:
            async for data in self._typed:
                yield data

    async def sizes(self) -> AsyncIterator[tuple[int, int]]:
        return
        yield

    def said(self) -> str:
        """What it complained of."""
        return self.complaint.decode("utf-8", "replace").strip()


def kubectl_exec(place: Place, *argv: str) -> str:
    """What runs a command there, to be typed."""
    container = ("-c", place.container) if place.container else ()
    return shlex.join(("kubectl", "exec", "-n", place.namespace, place.pod, *container, "--", *argv))


def no_room(said: str, place: Place) -> SourceError | None:
    """Where a command complained that a disk is full, that in our words: the kernel has the same ones for its space and
    for its inodes, and each tool others around them."""
    if not _NO_ROOM.search(said):
        return None
    summary = "there is no room for it in the container: the space or the inodes of that disk, or a quota, are used up"
    shown = kubectl_exec(place, "sh", "-c", "df -h; df -i")
    remedy = f"make room there or copy to another volume; which is full, and of what: {shown}"
    return SourceError(Problem(ProblemKind.INVALID, summary, said, remedy))


def tar_failed(ended: Ended, said: str, place: Place) -> SourceError:
    """Why the tar of a container did not do what it should; the cure where it has none."""
    if (full := no_room(said, place)) is not None:
        return full
    words = said or ended.words
    if (ended.exit_code is None and "tar" in words) or ended.exit_code in (126, 127) or _NO_TAR.search(words):
        summary = f"container {place.container or place.pod} has no tar, which copying needs"
        remedy = f"kubectl debug -n {place.namespace} {place.pod} -it --image=busybox --target={place.container}"
        return SourceError(Problem(ProblemKind.INVALID, summary, words, remedy))
    return SourceError(Problem(ProblemKind.INVALID, "the container's tar failed", words))
