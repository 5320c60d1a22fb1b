"""How log lines are printed: which of them, with which words before them, in which form. Pure: bytes in, bytes out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from operator import itemgetter
from string import Formatter
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from tui.cli.logchoice import Choice, decoded
from tui.cli.lognames import Naming
from tui.errors import UsageError
from tui.model.logs import LogSource
from tui.model.logstamp import SECOND, Stamps
from tui.present.clean import clean
from tui.present.guarded import Guarded, Needle

if TYPE_CHECKING:
    from tui.present.logfilter import LogFilter

FIELDS = ("cluster", "namespace", "pod", "container", "time", "message", "late")
LONGEST = 1_000_000
_COLOURS = (36, 33, 32, 35, 34, 96)
"""SGR colours of prefixes: those that are readable on dark and on light."""
_BETWEEN = b"--\n"
"""Between groups of lines around matches."""
LATE = b"[late] "
"""Before a line that came after newer ones of another source had been printed, as on the screen."""
_RESET = b"\x1b[0m"
_STAND_OUT, _RESET_TEXT = "\x1b[1;7m", "\x1b[0m"
WIDEST = 10_000
"""Characters that a field of a template can be made to fill."""
_PLAIN = re.compile(r"[^.^$*+?{}\[\]\\|()]*")
_ESCAPE, _ESCAPED = re.compile(r"\\([nt\\])"), {"n": "\n", "t": "\t", "\\": "\\"}
_MARKS, _SPACE, _TEXT = itemgetter(slice(19, 31, 10)), itemgetter(slice(30, 31)), itemgetter(slice(31, None))
"""Of a line with a kubelet's usual stamp: the point and the Z in it, what comes after, and the rest."""
Batch = tuple[Sequence[bytes], Sequence[int]]
"""Raw lines with their stamps, and their sources (`~index` where a line came late)."""


class Form(Struct, frozen=True):
    """What was asked for. chosen, context: as in `Choice`. zone: whose times are printed, None = this machine's.
    fields: what is printed of lines of JSON, () = all. safe: the lines go onto a terminal, which must not be driven by
    what a container prints."""

    include: tuple[Needle, ...] = ()
    exclude: tuple[Needle, ...] = ()
    chosen: LogFilter | None = None
    context: int = 0
    highlight: Needle | None = None
    zone: tzinfo | None = UTC
    fields: tuple[str, ...] = ()
    template: str = ""
    json: bool = False
    timestamps: bool = False
    colours: bool = False
    safe: bool = False

    @property
    def plain(self) -> bool:
        """Whether lines are printed as they were written."""
        return self == Form()


def patterns(flag: str, texts: Sequence[str]) -> tuple[Needle, ...]:
    """Raises UsageError for what is no regular expression."""
    try:
        return tuple(re.compile(text) if _PLAIN.fullmatch(text) else Guarded(text) for text in texts)
    except re.error as error:
        raise UsageError(f"{flag}: not a regular expression: {error}") from error


def checked(template: str) -> str:
    """The template, with a newline and a tab where "\\n" and "\\t" are typed. Raises UsageError for what no line could
    fill in."""
    template = _ESCAPE.sub(lambda found: _ESCAPED[found[1]], template)
    try:
        for _, name, spec, conversion in Formatter().parse(template):
            if name is not None and (name not in FIELDS or conversion):
                raise UsageError(f"--template: {{{name}}} is none of {', '.join(FIELDS)}")
            if any(int(number) > WIDEST for number in re.findall(r"\d+", spec or "")):
                raise UsageError(f"--template: {{{name}:{spec}}} is wider than {WIDEST} characters")
            format("", spec or "")
    except ValueError as error:
        raise UsageError(f"--template {template}: {error}") from error
    return template


class LogPrinter:
    """Turns batches into what is written to stdout. naming: what stands before each line."""

    def __init__(self, form: Form, naming: Naming) -> None:
        self._form = form
        self._naming = naming
        self._stripped = form.plain and not naming.prefix
        self._stamps = Stamps()
        self._choice: Choice | None = None
        if form.include or form.exclude or form.chosen is not None:
            self._choice = Choice(form.include, form.exclude, form.chosen, form.context)
        self._sources: Sequence[LogSource] = ()
        self._prefixes: dict[int, bytes] = {}
        self._encode = msgspec.json.Encoder().encode
        self._one: Callable[[bytes, int], bytes] = self._text
        if form.json:
            self._one = self._json
        elif form.template:
            self._one = self._filled

    def know(self, sources: Sequence[LogSource]) -> None:
        """The sources that lines may be of."""
        names = [one.container for one in sources]
        if self._naming.prefix and names != [one.container for one in self._sources]:
            self._prefixes = {one.index: self._prefix(one) for one in sources}
        self._sources = sources

    def lines(self, batch: Batch) -> bytes:
        """The batch as it is to be printed, newlines and all."""
        if self._stripped:
            return stripped(batch[0])
        if self._choice is None:
            printed = [self._one(line, source) for line, source in _entries(batch)]
        else:
            between = b"" if self._form.json or self._form.template else _BETWEEN
            chosen = self._choice.of(_entries(batch))
            printed = [between if entry is None else self._one(*entry) for entry in chosen]
        return b"".join(printed)

    def _parted(self, line: bytes) -> tuple[int, bytes]:
        """The line's time and what is printed of it."""
        at, text = self._stamps.part(line)
        if not self._form.fields:
            return at, text
        from tui.cli.logfields import fielded

        return at, fielded(text, self._form.fields)

    def _text(self, line: bytes, source: int) -> bytes:
        at, text = self._parted(line)
        if self._form.safe:
            text = clean(text, LONGEST).encode()
        if self._form.highlight is not None and self._form.colours:
            text = _standing_out(text, self._form.highlight)
        time = f"{stamp(at, self._form.zone)} ".encode() if self._form.timestamps else b""
        if not self._naming.prefix:
            return time + text + b"\n"
        return self._prefixes.get(_index(source), b"") + time + (LATE if source < 0 else b"") + text + b"\n"

    def _filled(self, line: bytes, source: int) -> bytes:
        at, text = self._parted(line)
        return (self._form.template.format_map(self._values(at, text, source, limit=LONGEST)) + "\n").encode()

    def _json(self, line: bytes, source: int) -> bytes:
        at, text = self._parted(line)
        one = self._sources[_index(source)]
        return self._encode(
            {
                "cluster": one.cluster.name,
                "namespace": one.namespace,
                "pod": one.pod,
                "container": one.container,
                "time": stamp(at, self._form.zone),
                "message": text.decode("utf-8", "replace"),
                "late": source < 0,
            }
        ) + b"\n"  # fmt: skip

    def _values(self, at: int, text: bytes, source: int, limit: int) -> dict[str, str]:
        one = self._sources[_index(source)]
        message = clean(text, limit) if self._form.safe else text.decode("utf-8", "replace")
        time, late = stamp(at, self._form.zone), "late" if source < 0 else ""
        values = (one.cluster.name, one.namespace, one.pod, one.container, time, message, late)
        return dict(zip(FIELDS, values, strict=True))

    def _prefix(self, source: LogSource) -> bytes:
        name = f"{self._naming.name(source)} ".encode()
        if not self._form.colours:
            return name
        return b"\x1b[%dm" % _COLOURS[source.index % len(_COLOURS)] + name + _RESET


def _standing_out(text: bytes, highlight: Needle) -> bytes:
    said, parts, end = decoded(text), list[str](), 0
    for found in highlight.finditer(said):
        if found.end() > found.start():
            parts += (said[end : found.start()], _STAND_OUT, said[found.start() : found.end()], _RESET_TEXT)
            end = found.end()
    return "".join((*parts, said[end:])).encode("utf-8", "surrogateescape")


def stripped(lines: Sequence[bytes]) -> bytes:
    """Lines without their stamps, each with a newline. Millions a second must pass here."""
    if set(map(_MARKS, lines)) == {b".Z"} and set(map(_SPACE, lines)) == {b" "}:  # all as kubelets write them
        texts = list(map(_TEXT, lines))
    else:
        part = Stamps().part
        texts = [part(line)[1] for line in lines]
    texts.append(b"")
    return b"\n".join(texts)


def stamp(at: int, zone: tzinfo | None = UTC) -> str:
    """Nanoseconds since the epoch as a kubelet writes them; "" for a line without a time. zone: None = this
    machine's."""
    if not at:
        return ""
    moment = datetime.fromtimestamp(at // SECOND, UTC)
    if zone is UTC:
        return f"{moment:%Y-%m-%dT%H:%M:%S}.{at % SECOND:09}Z"
    moment = moment.astimezone(zone)
    offset = f"{moment:%z}"
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at % SECOND:09}{offset[:3]}:{offset[3:5]}"


def _entries(batch: Batch) -> Iterator[tuple[bytes, int]]:
    return zip(*batch, strict=True)


def _index(source: int) -> int:
    return source if source >= 0 else ~source
