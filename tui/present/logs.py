"""What the Logs pane says about itself: whose lines these are, how its streams fare, and that nothing was lost."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tui.config.places import state_dir
from tui.model.cluster import Via
from tui.model.feed import Feed
from tui.model.logs import YOU, LogQuery, LogSource, LogStatus, Saved
from tui.model.logstamp import SECOND
from tui.model.turnline import all_in_turn
from tui.present.ages import age
from tui.present.clean import clean
from tui.present.logcontainers import no_such_container, open_to, unknown_containers
from tui.present.parts import Part, count
from tui.present.states import Shown, Status, feed_status

FULL = "full: reading waits for you; G follows, ctrl+s saves all"
"""The ring holds no more without losing what is looked at."""
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")
_OPEN = frozenset({"following", "opening"})


def log_title(query: LogQuery | None) -> str:
    """What follows "4 Logs" in the frame."""
    if query is None:
        return ""
    where = ", ".join(clean(cluster.name, 40) for cluster in query.clusters[:3])
    more = f" +{len(query.clusters) - 3}" if len(query.clusters) > 3 else ""
    previous = " (previous)" if query.previous else ""
    only = f" only {clean(', '.join(query.containers), 40)}" if query.containers else ""
    return f"{subject(query)}{only}{previous} · {where}{more}"


def beginning_words(query: LogQuery | None) -> str:
    """ "last 5m": from when on lines were asked for, where not simply the last ones were."""
    if query is None or not (query.since_seconds or query.since or query.until):
        return ""
    if query.since_seconds:
        return f"last {age(query.since_seconds)}"
    times = (
        f"{datetime.fromtimestamp(at // SECOND, UTC):%Y-%m-%dT%H:%M:%SZ}" if at else ""
        for at in (query.since, query.until)
    )
    return " to ".join(times).strip()


def subject(query: LogQuery) -> str:
    """Whose lines these are. The agent of an AKS cluster is Service Connector's operator."""
    return "Service Connector pods" if _of_service_connector(query) else clean(query.title, 60)


def _of_service_connector(query: LogQuery) -> bool:
    return query.agents and all(cluster.via is Via.AKS for cluster in query.clusters)


def counters(
    status: LogStatus, unseen: int, unsearched: tuple[int, int] = (0, 0), *, from_top: bool = False
) -> tuple[Part, ...]:
    """The proof in the bottom border. unseen: lines that came since the view was paused. unsearched: lines that are yet
    to be searched, and those that came too fast to be. from_top: the beginning was asked for."""
    behind, missed = unsearched
    gone = status.evicted if from_top else 0
    in_turn = all_in_turn(status.sources)
    return (
        Part(f"{unseen:,} new" if unseen > 0 else "", "accent", 1),
        merging_part(status),
        Part(f"{gone:,} older left the ring" if gone else "", "warn", 1, f"{gone:,} older gone"),
        held_part(status.held),
        Part(f"{behind:,} to search" if behind else "", "warn", 2),
        Part(f"{missed:,} came too fast to search" if missed else "", "warn", 2, f"{missed:,} not searched"),
        Part(f"{status.received:,} received", "", 3),
        lost_part(status),
        Part(f"{status.repeated:,} repeated", "dim", 5),
        Part(f"{status.late - in_turn:,} late", "dim", 6),
        Part(f"{in_turn:,} late by turns" if in_turn else "", "dim", 7, f"{in_turn:,} by turns"),
        out_of_step_part(status.sources),
    )


def merging_part(status: LogStatus) -> Part:
    """ "merging histories: 40 of 108 open", while little is shown because more streams are to bring older lines."""
    if not status.merging:
        return Part("")
    wanted = [source for source in open_to(status.sources) if not source.queued]
    opened = sum(source.state in ("following", "ended") for source in wanted)
    share = f"{opened:,} of {len(wanted):,} open"
    return Part(f"merging histories: {share}", "warn", 1, f"merging: {share}")


def out_of_step_part(sources: Sequence[LogSource]) -> Part:
    """ "2 out of step": whose lines are placed by when they come; the details say which."""
    several = sum(source.behind != 0 for source in sources)
    return Part(f"{several:,} out of step" if several else "", "warn", 4)


def out_of_step(source: LogSource) -> str:
    """ "its clock (or road) is 5 s behind the others'": why its lines are not waited for; "" where they are."""
    if not source.behind:
        return ""
    way = "clock (or road)" if source.behind > 0 else "clock"
    where = "behind" if source.behind > 0 else "ahead of"
    return f"its {way} is {age(abs(source.behind))} {where} the others': its lines are placed by when they come"


def held_part(held: str) -> Part:
    """Who holds the reading up, being slower than the streams; whom they wait for is told how to go on."""
    if held == YOU:
        return Part(FULL, "warn", 1, "full: waits for you")
    return Part(f"held up by {clean(held, 30)}" if held else "", "warn", 2)


def lost_part(status: LogStatus) -> Part:
    """ "0 lost", or "2 gaps over 41s": how many lines are missing there nobody can know."""
    if not status.gaps:
        return Part("0 lost", "dim", 2)
    if not status.lately:
        return Part(count(status.gaps, "gap"), "bad", 2)
    span = sum(max(0, gap.before - gap.after) for gap in status.lately) / 10**9
    more = "+" if status.gaps > len(status.lately) else ""
    return Part(f"{count(status.gaps, 'gap')} over {age(span)}{more}", "bad", 2, count(status.gaps, "gap"))


def matching_part(matching: tuple[int, int] | None) -> Part:
    """ "7 of 900 match", where a filter hides the others."""
    return Part(f"{matching[0]:,} of {matching[1]:,} match" if matching is not None else "", "accent", 2)


def pill_words(unseen: int, passed: int, *, full: bool = False) -> str:
    """What stands at the end of a paused view; "" where there is nothing to tell. passed: lines that left the full ring
    before they were scrolled to. full: nothing is read on, so that no more of them do."""
    new = f"+{unseen:,} new" if unseen > 0 else ""
    lost = f"{passed:,} left the full ring unread" if passed and new else ""
    ways = FULL if full else "G follows" if new else ""
    return " · ".join(part for part in (new, lost, ways) if part)


def found_words(pattern: str, counts: tuple[int, int]) -> str:
    """ "find dial: 3 of 41". counts: which one is gone to (0 = none), and how many there are."""
    here, total = counts
    many = f"{here:,} of {total:,}" if here else f"{total:,} found" if total else "not found"
    return f"find {clean(pattern, 40)}: {many}"


def save_path(query: LogQuery, now: float) -> Path:
    """Where a log is saved unless somebody says otherwise; a name that tells what it is and when it was."""
    what = "-".join((query.title, *(cluster.name for cluster in query.clusters[:2])))
    name = _UNFIT.sub("-", what).strip("-.")[:80] or "logs"
    moment = datetime.fromtimestamp(now, UTC)
    return state_dir(os.environ) / "logs" / f"{name}-{moment:%Y%m%dT%H%M%SZ}.log"


def saving_part(saved: Saved) -> Part:
    """ "12,345 saved in api-prod-eu.log", while this log is being written into a file."""
    state = ", ended" if saved.over else ", waits" if saved.problem is not None else ""
    said = f"{saved.lines:,} saved{state}"
    where = clean(saved.path.name, 60)
    return Part(f"{said} in {where}", "warn" if state else "accent", 3, said)


def elsewhere_part(others: Sequence[Saved]) -> Part:
    """ "another log saved in web.log": files that are being written of other logs than the one on the screen."""
    others = [saved for saved in others if not saved.over]
    if not others:
        return Part("")
    waits = any(saved.problem is not None for saved in others)
    many = len(others) > 1
    said = f"{len(others)} other logs saved" if many else f"another log saved in {clean(others[0].path.name, 60)}"
    short = "" if many else "another log saved"
    return Part(said + (", waits" if waits else ""), "warn" if waits else "dim", 4, short)


def agentless_part(query: LogQuery | None) -> Part:
    """ "prod-us has no agent": what was asked for too, and cannot be followed."""
    without = query.agentless if query is not None else ()
    if not without:
        return Part("")
    names = ", ".join(clean(cluster.name, 40) for cluster in without[:2])
    more = f" +{len(without) - 2}" if len(without) > 2 else ""
    have = "has" if len(without) == 1 else "have"
    return Part(f"{names}{more} {have} no agent", "warn", 3, f"{len(without):,} without agent")


def unknown_part(query: LogQuery | None, status: LogStatus | None) -> Part:
    """ "no container tpyo": a name that is asked for and that no pod has, while others are followed; the details say
    which there are."""
    unknown = unknown_containers(query, status) if query is not None else ()
    if not unknown:
        return Part("")
    names = " or ".join(clean(name, 40) for name in unknown[:2])
    more = f" +{len(unknown) - 2}" if len(unknown) > 2 else ""
    return Part(f"no container {names}{more}", "warn", 3)


def saved_words(saved: Saved | None) -> str:
    """What has come of a file in the end."""
    if saved is None:
        return "nothing was saved"
    lost = f"; {saved.missing:,} left the ring before they could be written" if saved.missing else ""
    why = f"; not all: {saved.problem}" if saved.problem is not None else ""
    return clean(f"saved {count(saved.lines, 'line')} to {saved.path}{lost}{why}", 500)


def sources_words(sources: Sequence[LogSource]) -> str:
    clusters = len({source.cluster.key for source in sources})
    return count(clusters, "cluster") if clusters > 1 else count(len(open_to(sources)), "stream")


def stream_status(sources: Sequence[LogSource], feed: Feed[LogStatus], now: float, *, following: bool) -> Status:
    """How the streams fare together. following: the view moves with new lines (the user has not paused it)."""
    open_now = sum(source.state == "following" for source in sources)
    whole = feed_status(feed, now)
    if whole.shown is Shown.STALE and not (sources and feed.value is not None and feed.value.received):
        return Status(Shown.FAILED, "failed", whole.more)  # no line was ever shown, so none is old
    if whole.shown in {Shown.STALE, Shown.FAILED}:
        return whole
    if not sources:
        return Status(Shown.LOADING, "looking for pods") if feed.value is None else Status(Shown.EMPTY, "no pods")
    if not (sources := open_to(sources)):
        return Status(Shown.EMPTY, "no such container")
    if all(source.state == "ended" for source in sources):
        return Status(Shown.EMPTY, "ended")
    held = "following" if following else "paused"
    if open_now == len(sources):
        return Status(Shown.LIVE, held)
    alive = sum(source.state in _OPEN or source.state == "ended" for source in sources)
    if alive == len(sources):
        return Status(Shown.LOADING if not open_now else Shown.LIVE, held if open_now else "opening")
    if open_now == 0 and alive == 0:
        return Status(Shown.STALE, "waiting to reopen")
    return Status(Shown.PARTIAL, f"{held} {open_now} of {len(sources)}")


def empty_words(query: LogQuery, status: LogStatus | None) -> str:
    """What stands in the pane while there are no lines: opening, nothing to open, or open and silent."""
    what = subject(query)
    where = ", ".join(clean(cluster.name, 40) for cluster in query.clusters[:4])
    if status is None:
        return f"Looking for {what} in {where}…"
    if not status.sources and _of_service_connector(query):
        return (
            f"No pods in sc-system of {where}. That is as it should be: Service Connector's job runs when a connection "
            "is made or changed and removes itself when it is done."
        )
    if not status.sources and query.agents:
        return f"No connect agent runs in {where}: no pods in its namespace."
    if not status.sources:
        return f"No pods are called or labelled so in {where}: {what}."
    if (lacking := no_such_container(query, status)) is not None:
        return f"{lacking.summary[:1].upper()}{lacking.summary[1:]}: {lacking.remedy}."
    sources = open_to(status.sources)
    if status.received:
        lines, streams = count(status.received, "line"), count(len(sources), "stream")
        return f"{lines} of {streams} have come, and are put in order…"
    if not sources:
        return "Looking for the container…"
    if all(source.state == "opening" for source in sources):
        return f"Opening {count(len(sources), 'stream')}…"
    if all(source.state == "ended" for source in sources):
        return "The streams have ended without a line."
    if all(source.state in {"waiting", "ended"} for source in sources):
        return f"{count(len(sources), 'stream')} could not be kept open; waiting to try again."
    return "Following; no line has been written yet."
