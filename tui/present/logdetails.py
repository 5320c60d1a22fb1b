"""Everything known of a log view, for reading: its streams and how each fares, where lines may be missing and why, what
the ring holds, and which files are being written."""

from __future__ import annotations

from collections.abc import Sequence

from tui.model.feed import Feed
from tui.model.gapline import REASONS
from tui.model.logs import LogGap, LogQuery, LogSource, LogStatus, Saved
from tui.model.logstamp import SECOND
from tui.model.turnline import all_in_turn, in_turn
from tui.present.ages import age, timestamp
from tui.present.clean import clean
from tui.present.details import Details, fields, heading, of_feed
from tui.present.logcontainers import (
    lacking_words,
    no_such_container,
    open_to,
    unknown_containers,
    unknown_words,
)
from tui.present.logs import out_of_step
from tui.present.parts import count
from tui.present.problems import Line, explanation
from tui.present.sizes import size_text

NO_AGENT = "no connect agent runs there, so none of its lines are here"


def of_logs(
    query: LogQuery | None,
    feed: Feed[LogStatus],
    now: float,
    saved: Sequence[Saved] = (),
    elsewhere: Sequence[Saved] = (),
) -> Details:
    """Every stream of the Logs pane and how it fares, and the counters. saved: the files that this log is written to;
    elsewhere: those of other logs."""
    status = feed.value
    lines: list[Line] = []
    if status is not None:
        lines += [heading("Counters"), *counters(status)]
    lines += _files(saved, elsewhere)
    if query is not None and query.agentless:
        lines.append(heading("Not followed"))
        lines += [Line(f"{clean(cluster.name, 80)}: {NO_AGENT}", "warn") for cluster in query.agentless]
    if status is not None:
        lines.append(heading(count(len(open_to(status.sources)), "stream")))
        lines += _lacking(query, status)
        for source in status.sources:
            lines += _source(source, [gap for gap in status.lately if gap.source == source.index], now)
    return Details(f"Logs of {clean(query.title, 80)}" if query else "Logs", (*lines, *of_feed("The view", feed, now)))


def _lacking(query: LogQuery | None, status: LogStatus) -> list[Line]:
    """That pods have no container that is asked for."""
    if query is None:
        return []
    if (problem := no_such_container(query, status)) is not None:
        return [Line(f"{problem.summary}: {problem.remedy}", "warn")]
    lines: list[Line] = []
    if unknown := unknown_containers(query, status):
        lines.append(Line(unknown_words(query, unknown, status), "warn"))
    if words := lacking_words(query, status):
        lines.append(Line(words, "dim"))
    return lines


def _source(source: LogSource, gaps: Sequence[LogGap], now: float) -> list[Line]:
    name = clean(f"{source.cluster.name} {source.namespace}/{source.pod} {source.container}", 300)
    again = f", opened {source.opened:,} times" if source.opened > 1 else ""
    if source.lacks:
        there = clean(", ".join(source.there), 300)
        return [Line(f"{name.rstrip()}  has no such container: {there}", "dim")]
    lines = [Line(f"{name}  {source.state}{again}", "" if source.problem is None else "warn")]
    lines += fields(("counted", _counted(source)))
    if late := out_of_step(source):
        lines.append(Line(late, "warn", "order"))
    lines += [Line(span_words(gap), "bad", "gap") for gap in gaps]
    if source.gaps > len(gaps):
        lines.append(Line(f"{source.gaps - len(gaps):,} older, whose times are not kept", "dim", "gaps"))
    if source.problem is not None:
        lines += explanation(source.problem, now)
    return lines


def span_words(gap: LogGap) -> str:
    """ "2026-11-22 14:02:11Z to 2026-11-22 14:02:19Z (8s): the log was rotated"."""
    after, before = gap.after / SECOND, gap.before / SECOND
    why = REASONS.get(gap.why, clean(gap.why, 60))
    long = f" ({age(before - after)})" if before > after else ""
    return f"{timestamp(after)} to {timestamp(before)}{long}" + (f": {why}" if why else "")


def _files(saved: Sequence[Saved], elsewhere: Sequence[Saved]) -> list[Line]:
    if not saved and not elsewhere:
        return []
    return [
        heading("Files"),
        *(_file("this log", one) for one in saved),
        *(_file("another", one) for one in elsewhere),
    ]


def _file(whose: str, saved: Saved) -> Line:
    trouble = saved.over or saved.problem is not None
    state = ", ended" if saved.over else ", waits" if saved.problem is not None else ""
    written = f"{count(saved.lines, 'line')}, {size_text(saved.bytes)}{state}"
    return Line(f"{clean(str(saved.path), 300)}  {written}", "warn" if trouble else "", whose)


def _counted(source: LogSource) -> str:
    """ "1,204 received, 3 repeated, 1 late": what there is of each."""
    numbers = (
        (source.received, "received"),
        (source.repeated, "repeated"),
        (source.late - in_turn(source), "late"),
        (in_turn(source), "late by turns"),
        (source.gaps, "gap" if source.gaps == 1 else "gaps"),
    )
    return ", ".join(f"{number:,} {word}" for number, word in numbers if number)


def counters(status: LogStatus) -> Sequence[Line]:
    turned = all_in_turn(status.sources)
    return fields(
        ("received", f"{status.received:,} lines"),
        ("repeated", f"{status.repeated:,} brought again by reconnects, dropped"),
        ("lost", "nothing" if not status.gaps else "what was written in the gaps: nobody can know how many lines"),
        ("gaps", f"{status.gaps:,} where a stream that was opened again no longer held its last line"),
        ("late", f"{status.late - turned:,} came after newer ones of another stream were shown"),
        ("by turns", f"{turned:,} did because their logs waited for their turns, marked [turn]" if turned else ""),
        ("ring", ring_words(status)),
        ("evicted", f"{status.evicted:,} oldest lines left the ring"),
    )


def ring_words(status: LogStatus) -> str:
    """ "84,675 of 100,000 lines, 12 MiB of 256 MiB": what is held, and at most."""
    if not status.capacity:
        return ""
    lines = f"{status.next_seq - status.first_seq:,} of {status.capacity:,} lines"
    return f"{lines}, {size_text(status.bytes)} of {size_text(status.max_bytes)}"
