"""The log file of one run of a container, as the kubelet would find it on the node, made only where it is read.

A log is a sequence of entries (one line, or the several of a stack trace), and every entry follows from the run's
seed and its index: so the last ten lines of a container that has run for weeks cost ten lines, and ten thousand
containers nobody reads cost nothing. The file is rotated as the kubelet does it: only the part since the last
rotation can be read.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache
from typing import Protocol

from tui.sim.kube.dice import Dice
from tui.sim.kube.logstyles import Lines, Style, Voice, stamp

FILE_ENTRIES = 20_000
"""Entries of a file when it is rotated away. (The kubelet counts 10 MiB; at these styles' lengths that is near.)"""

FLOOD_LINES = 1_000_000
"""Lines a flooding container has in its file at any time."""

_LINE_GAP = 0.000037  # between the lines of one entry, which a process writes one after another
_OPENING_GAP = 0.05


class LogFile(Protocol):
    """What a reader needs of a log: times of entries by index, and entries as bytes.

    piece: entries rendered before others get their turn. look_every: seconds of real time between looks for new ones.
    """

    piece: int
    look_every: float

    def span(self, now: float) -> range:
        """Indexes of the entries that are in the file at `now`."""
        ...

    def time_of(self, index: int) -> float:
        """When an entry was written. Never falls with the index."""
        ...

    def line_count(self, index: int) -> int: ...

    def render(self, first: int, last: int, timestamps: bool) -> bytes:
        """The entries first..last-1 as `kubectl logs` prints them."""
        ...


class ContainerLog:
    """One run, from `started` to `ended` (whole seconds since the epoch; None = still running).

    rate: entries a second. seed: of this run.
    """

    piece = 400
    look_every = 0.2

    def __init__(
        self, style: Style, voice: Voice, *, started: float, ended: float | None, rate: float, seed: int
    ) -> None:
        self._style = style
        self._voice = voice
        self._seed = seed
        self._gap = 1 / rate if rate > 0 else 0.0
        self._ended = ended
        self._opening = style.opening(voice, started, Dice(seed, -1))
        self._started = started
        self._body_from = started + _OPENING_GAP * (len(self._opening) + 1)
        self._closing_at: int | None = None
        if ended is not None:
            self._closing_at = self._before(ended)

    def span(self, now: float) -> range:
        if self._closing_at is not None and self._ended is not None and now >= self._ended:
            end = self._closing_at + 1
        else:
            end = self._before(now)
        return range(end // FILE_ENTRIES * FILE_ENTRIES if end > FILE_ENTRIES else 0, end)

    def time_of(self, index: int) -> float:
        if index == self._closing_at and self._ended is not None:
            return self._ended
        opening = len(self._opening)
        if index < opening:
            return self._started + _OPENING_GAP * (index + 1)
        place = index - opening
        return self._body_from + (place + Dice(self._seed, place).part()) * self._gap

    def entry(self, index: int) -> Lines:
        when = self.time_of(index)
        if index == self._closing_at:
            return self._style.closing(self._voice, when, Dice(self._seed, -2))
        if index < len(self._opening):
            return (self._opening[index],)
        return self._style.entry(self._voice, when, Dice(~self._seed, index))

    def line_count(self, index: int) -> int:
        return len(self.entry(index))

    def render(self, first: int, last: int, timestamps: bool) -> bytes:
        parts: list[str] = []
        for index in range(first, last):
            when = self.time_of(index)
            for number, line in enumerate(self.entry(index)):
                if timestamps:
                    parts.append(nano_stamp(when + number * _LINE_GAP))
                parts.append(line)
                parts.append("\n")
        return "".join(parts).encode("utf-8", "replace")

    def _before(self, when: float) -> int:
        """How many entries (the closing one apart) were written up to `when`."""
        opening = len(self._opening)
        if when < self._body_from or not self._gap:
            return sum(1 for index in range(opening) if self.time_of(index) <= when)
        # The jitter of an entry is less than one gap, so only the last one by count can lie on the other side.
        place = int((when - self._body_from) / self._gap)
        late = self._body_from + (place + Dice(self._seed, place).part()) * self._gap > when
        return opening + place + (0 if late else 1)


class FloodLog:
    """A container that writes as fast as it can: blocks rendered once, in which only the time is filled in.

    rate: lines a second. An entry is the lines of one tenth of a second. What has been read is kept as long as it is in
    the file, as a node's page cache keeps it: who measures a reader should not measure the writing.
    """

    piece = 4
    look_every = 0.05
    _MARK = b"0000-00-00T00:00:00.0"
    _TENTHS = 10

    def __init__(self, *, started: float, ended: float | None, rate: float, seed: int) -> None:
        self._ended = ended
        self._count = max(1, round(rate / self._TENTHS))
        self._first = int(started) * self._TENTHS
        dice = Dice(seed)
        step = 10**8 // self._count
        fractions = [f"{number * step:08d}Z" for number in range(self._count)]
        words = [
            f" flood {number:06d} request {dice.hex(16)} {dice.hex(16)} took {dice.below(900)} ms"
            for number in range(self._count)
        ]
        mark = self._MARK.decode()
        self._plain = "".join(f"{mark}{at[:5]}Z{said}\n" for at, said in zip(fractions, words, strict=True)).encode()
        stamped = "".join(f"{mark}{at} {mark}{at[:5]}Z{said}\n" for at, said in zip(fractions, words, strict=True))
        self._stamped = stamped.encode()
        self._kept = -(-FLOOD_LINES // self._count)
        self._block = lru_cache(maxsize=self._kept)(self._written)

    def span(self, now: float) -> range:
        end = int((now if self._ended is None else min(now, self._ended)) * self._TENTHS)
        return range(max(self._first, end - self._kept), max(self._first, end))

    def time_of(self, index: int) -> float:
        return index / self._TENTHS

    def line_count(self, index: int) -> int:
        return self._count

    def render(self, first: int, last: int, timestamps: bool) -> bytes:
        if timestamps:
            return b"".join(self._stamped.replace(self._MARK, self._tenth(index)) for index in range(first, last))
        return b"".join(map(self._block, range(first, last)))

    def _written(self, index: int) -> bytes:
        return self._plain.replace(self._MARK, self._tenth(index))

    def _tenth(self, index: int) -> bytes:
        second, tenth = divmod(index, self._TENTHS)
        return f"{stamp('%Y-%m-%dT%H:%M:%S', second)}.{tenth}".encode()


@lru_cache(maxsize=4)
def flood_of(*, started: float, ended: float | None, rate: float, seed: int) -> FloodLog:
    """The same file for all who read it."""
    return FloodLog(started=started, ended=ended, rate=rate, seed=seed)


class NumberedLog:
    """Lines that can be counted: numbered from 1, `rate` a second, up to `lines` (0 = without end), every one of them
    in the file. The same run says the same at the same time, whoever asks and however often.

    said: what stands behind the number, of who writes.
    """

    piece = 4000
    look_every = 0.05

    def __init__(self, *, started: float, ended: float | None, rate: float, lines: int, said: str) -> None:
        self._started = int(started)
        self._ended = ended
        self._rate = rate
        self._lines = lines
        self._suffix = f"{f' of {lines}' if lines else ''} {said}\n"

    def span(self, now: float) -> range:
        until = now if self._ended is None else min(now, self._ended)
        written = max(0, int((until - self._started) * self._rate))
        return range(min(written, self._lines) if self._lines else written)

    def time_of(self, index: int) -> float:
        return self._started + self._nanoseconds(index) / 1e9

    def line_count(self, index: int) -> int:
        return 1

    def render(self, first: int, last: int, timestamps: bool) -> bytes:
        suffix, parts, known, prefix = self._suffix, list[str](), -1, ""
        for index in range(first, last):
            if timestamps:
                second, part = divmod(self._nanoseconds(index), 10**9)
                if second != known:
                    known, prefix = second, stamp("%Y-%m-%dT%H:%M:%S.", self._started + second)
                parts.append(f"{prefix}{part:09d}Z line {index + 1:07d}{suffix}")
            else:
                parts.append(f"line {index + 1:07d}{suffix}")
        return "".join(parts).encode("utf-8", "replace")

    def _nanoseconds(self, index: int) -> int:
        """From the start of the run to the line."""
        return int((index + 1) * 1e9 / self._rate)


def nano_stamp(when: float) -> str:
    """As the kubelet prefixes lines: RFC 3339 with always nine digits, then a space (recorded: log-timestamps)."""
    return stamp("%Y-%m-%dT%H:%M:%S.", when, 9) + "Z "


def beginning(log: LogFile, now: float, *, tail: int | None, since: float | None) -> tuple[int, int]:
    """The entry to begin reading at, and how many of its lines to leave out.

    tail: how many lines from the end; `since` (seconds since the epoch) is looked at after it, as the kubelet does.
    """
    span = log.span(now)
    first, skip = (span.start, 0) if tail is None else tail_of(log, span, tail)
    if since is not None:
        later = span.start + bisect_left(span, since, key=log.time_of)
        if later > first:
            first, skip = later, 0
    return first, skip


def tail_of(log: LogFile, span: range, lines: int) -> tuple[int, int]:
    """The entry with which the last `lines` begin, and how many of its own lines come before them."""
    index = span.stop
    while lines > 0 and index > span.start:
        index -= 1
        lines -= log.line_count(index)
    return index, max(0, -lines)
