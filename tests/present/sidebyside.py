"""Which of the values that kubectl prints of an object stand in our description as well.

The rule: every value behind a `Key:`, every cell of a table and every line of a list of kubectl's text must be found in
ours; blanks and capitals do not count, and what kubectl puts on one line may stand on several of ours. Left out are
ages, which are of the moment of printing, and what `SAID` and `KEYS` name, each with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

KEYS = {
    "Optional": "said where it is true, as (optional)",
    "ReadOnly": "said where it is true, as (ro)",
    "Host Port": "said where a port of the host is taken",
    "Medium": "said where it is not the disk",
    "HostPathType": "said where there is one",
}
SAID = {
    "====": "a line under a heading",
    "----": "a line under a heading",
    "Type                        Status": "the heading of a table without a line under it",
    "( current / target )": "the heading of a table without a line under it",
    "(Total limits may be over 100 percent, i.e., overcommitted.)": "said in our words",
    "BinaryData": "a heading; left out where there is none",
    "Resource Quotas": "a heading; ours names the quota",
    "Resource Limits": "a heading; ours names the limit range",
    "1 bytes": "ours is 1 byte",
}
_NOTHING = re.compile(r"(?:<[^<>]*>|\[\]|-+|0 \(0%\)|No resource (?:quota|limits)\.|\"\")\Z")
_TIME = re.compile(r"[A-Z][a-z]{2}, (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d:\d\d:\d\d) ([+-]\d{4})")
_STAMP = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:Z| [+-]\d{4} UTC)?\Z")
_AGE = re.compile(r"(?:\d+[smhdy])+(?: \(x(\d+) over [^)]*\))?\Z")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UNDERLINE = re.compile(r"\s*-{3}[\s-]*\Z")
_KEY = re.compile(r"\s*(?:- )?([A-Za-z](?:[\w./(){}'-]| (?! ))*?):(?:\s+|\Z)")
_PARTS = re.compile(r"\s{2,}|,\s*| / | \| |\(|\)|[<>\[\]'\"{}]| terminates | in secret | of config map |=(?=[^=])")
_SHORT = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}
_EXPLAINED = re.compile(r"([A-Za-z]+) \((?:a |bare |an )[^)]*\)\Z")
_WORDS = {
    "successThreshold=": "#success=", "failureThreshold=": "#failure=", "v1:": "", "error: ": "", "set to the key": "",
    "replicas created": "created", "  Optional: false": "", "  Optional: true": "", "<unset>": "", "with prefix": "  ",
}  # fmt: skip


def values(printed: str) -> Iterator[str]:
    """Every value of a description as kubectl prints it."""
    lines = [line.rstrip() for line in printed.splitlines() if not line.startswith(("$ ", "[exit "))]
    columns: list[int] = []
    for number, line in enumerate(lines):
        if _UNDERLINE.match(line):
            columns = [found.start() for found in re.finditer(r"-+", line)]
        elif number + 1 < len(lines) and _UNDERLINE.match(lines[number + 1]):
            columns = []  # the headings of a table
        elif columns and line.startswith(" " * columns[0]) and line.strip():
            yield from _cells(line, columns)
        else:
            columns = []
            yield from _pair(line)


def _cells(line: str, columns: list[int]) -> Iterator[str]:
    apart = all(not line[edge - 1 : edge].strip() for edge in columns[1:])
    edges = [*columns[1:], len(line) + 1]
    cells = [line[a:b] for a, b in zip(columns, edges, strict=True)] if apart else re.split(r" {2,}", line.strip())
    yield from (cell.strip() for cell in cells if cell.strip())


def _pair(line: str) -> Iterator[str]:
    found = _KEY.match(line)
    if found is not None and found[1].strip() in KEYS:
        return
    value = line[found.end() :] if found is not None else line
    if value.strip():
        yield value.strip().removeprefix("- ")


def missing(printed: str, ours: str, besides: Collection[str] = ()) -> list[str]:
    """The values of kubectl's text that ours lacks. besides: more that may be missing."""
    flat = _flat(ours)
    left = (one for one in values(printed) if one not in SAID and one not in besides and not _NOTHING.match(one))
    return [one for one in left if not any(_flat(form) in flat for form in _forms(one)) and not _in_parts(one, flat)]


def _in_parts(value: str, flat: str) -> bool:
    """Whether each part of a value stands somewhere, each in one of its forms."""
    for word, ours in _WORDS.items():
        value = value.replace(word, ours)
    parts = [part for part in _PARTS.split(value) if part.strip()]
    return len(parts) > 0 and all(any(_flat(form) in flat for form in _forms(part.strip())) for part in parts)


def _forms(value: str) -> Iterator[str]:
    """The ways in which we may say the same."""
    yield value
    yield _SHORT.get(value, value)
    if time := _TIME.fullmatch(value):
        day, month, year, clock, zone = time.groups()
        yield f"{year}-{_MONTHS.index(month) + 1:02}-{day} {clock} {zone}"
    if stamp := _STAMP.match(value):
        yield f"{stamp[1]} {stamp[2]} +0000"
    if age := _AGE.match(value):
        yield f"×{age[1]}" if age[1] else ""
    if explained := _EXPLAINED.match(value):
        yield explained[1]


def _flat(text: str) -> str:
    return re.sub(r"\s+", "", text).lower()
