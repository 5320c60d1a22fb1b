"""Known lines explained, for the reader of a screen and of a terminal."""

from __future__ import annotations

from collections.abc import Iterable

from tui.diagnose.known import Known, known
from tui.present.clean import clean
from tui.present.details import Details, heading
from tui.present.logfilter import LINE_MAX
from tui.present.problems import Line


def known_in(texts: Iterable[str]) -> dict[str, tuple[Known, str, int]]:
    """By code: what is known, the newest line of it, and how many there are; the code of the newest line comes last."""
    found: dict[str, tuple[Known, str, int]] = {}
    for text in texts:
        about = known(text)
        if about is not None:
            _, _, count = found.pop(about.code, (about, "", 0))
            found[about.code] = (about, text, count + 1)
    return found


def explained(about: Known, line: str = "", count: int = 1) -> list[Line]:
    """One known failure: what was read, what it means, and what helps."""
    lines = [heading(f"{about.code}  {about.title}")]
    if line:
        times = f"  ({count:,} times)" if count > 1 else ""
        lines.append(Line(clean(line, LINE_MAX) + times, "", "line"))
    lines.append(Line(about.cause, "", "means"))
    lines += [Line(text, "accent", "" if index else "to fix", True) for index, text in enumerate(about.fix)]
    lines.append(Line(about.source, "dim", "known"))
    return lines


def of_lines(texts: Iterable[str]) -> Details | None:
    """All that is known of these lines, newest first; None where nothing is."""
    found = known_in(texts)
    if not found:
        return None
    lines = [line for about, text, count in reversed(found.values()) for line in explained(about, text, count)]
    return Details(", ".join(reversed(found)), tuple(lines))
