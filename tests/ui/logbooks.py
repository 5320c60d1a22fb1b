"""What the books of these tests share."""

from __future__ import annotations

from collections.abc import Sequence

from tui.model.logs import LogLine


class Reader:
    """One that a pane has: how far it has come, and whether it is still there."""

    def __init__(self, name: str, looks: bool) -> None:
        self.name = name
        self.looks = looks
        self.position = 0
        self.here = True

    def reached(self, position: int) -> None:
        assert self.here, "told after it had left"
        self.position = position

    def looks_at(self, position: int) -> None:
        self.reached(position)

    def leave(self) -> None:
        self.here = False


class BookOfLines:
    """The parts of a `LogBook` that follow from `since`. readers: all that there have been."""

    def __init__(self) -> None:
        self.readers: list[Reader] = []

    def since(self, seq: int, limit: int = 10_000) -> tuple[Sequence[LogLine], int]:
        raise NotImplementedError

    def raw(self, seq: int, limit: int = 10_000) -> tuple[list[bytes], list[int], int]:
        lines, missed = self.since(seq, limit)
        texts = [b"2023-11-15T12:00:00.000000000Z " + line.text for line in lines]
        return texts, [~line.source if line.late else line.source for line in lines], missed

    def reader(self, name: str, *, looks: bool = False) -> Reader:
        self.readers.append(reader := Reader(name, looks))
        return reader
