"""The states that a pane can be in, as ways to prepare a hub; shared by stories and snapshots."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from tests.ui import world
from tests.ui.fake import FakeHub
from tui.errors import Problem, ProblemKind
from tui.model.feed import Feed, Gap
from tui.model.fleet import FleetMember
from tui.model.kube import Table
from tui.model.logs import LogQuery, LogStatus

AGENTS = (2, 3, 4)
"""Places of plant-7, plant-9 and aws-batch among the members."""


def agents_query() -> LogQuery:
    everyone = world.members()
    return LogQuery(tuple(everyone[index].cluster for index in AGENTS), agents=True)


def loading() -> FakeHub:
    """Nothing has answered."""
    made = world.hub()
    made.tick()
    return made


def live() -> FakeHub:
    return world.live_hub()


def stale() -> FakeHub:
    """Everything answered once, and nothing does any more."""
    made = world.live_hub()
    since, retry = world.NOW - 71, world.NOW + 12
    made.fleet.replace(replace(made.fleet.feed, as_of=since))
    made.connections.replace(replace(made.connections.feed, as_of=since))
    gone = replace(world.UNREACHABLE, summary="GKE Hub did not answer", server_words="Connection refused")
    made.fleet.fail(gone, retry)
    made.connections.fail(world.THROTTLED, retry)
    old = Feed(world.table(world.PODS_EU), since, problem=world.UNREACHABLE, failures=3, retry_at=retry)
    older = replace(old, value=world.table(world.PODS_US))
    for query, cell in made.lists.items():
        cell.put(world.view_of(query, *(old, older, older)[: len(query.clusters)]), world.NOW)
    for book in made.books.values():
        status = book.cell.feed.value
        assert status is not None
        waiting = tuple(replace(source, state="waiting", problem=world.UNREACHABLE) for source in status.sources)
        book.cell.put(replace(status, sources=waiting, gaps=2), since)
    return made


def partial() -> FakeHub:
    """Something of everything could not be seen."""
    made = world.live_hub()
    zone = replace(world.UNREACHABLE, summary="location us-central1 did not answer", server_words="unreachable")
    made.fleet.put(world.members() + world.others(), world.NOW - 12, gaps=(Gap("us-central1", zone),), fresh_for=90)
    gaps = (Gap("subscription 1111", world.THROTTLED), Gap("subscription 2222", world.THROTTLED))
    made.connections.put(world.connections(), world.NOW - 12, gaps=gaps, fresh_for=90)
    good = world.live(world.table(world.PODS_EU))
    bad = Feed(world.table(world.PODS_US), world.NOW - 71, problem=world.RBAC, failures=2, retry_at=world.NOW + 40)
    nothing_yet: Feed[Table] = Feed()
    holes = Feed(world.table(world.PODS_EU), world.NOW, gaps=tuple(Gap(f"team-{n}", world.RBAC) for n in range(3)))
    for query, cell in made.lists.items():
        feeds = (good, bad, nothing_yet)[: len(query.clusters)] if len(query.clusters) > 1 else (holes,)
        cell.put(world.view_of(query, *feeds), world.NOW)
    for book in made.books.values():
        status = book.cell.feed.value
        assert status is not None
        first, *others = status.sources
        away = tuple(replace(source, state="waiting", problem=world.UNREACHABLE) for source in others)
        book.cell.put(replace(status, sources=(first, *away)), world.NOW)
    return made


def failed() -> FakeHub:
    """Nothing ever answered, and every source says why: a first start without an account."""
    made = world.hub()
    retry = world.NOW + 58
    made.fleet.fail(world.SIGNED_OUT, retry)
    made.connections.fail(
        Problem(
            ProblemKind.SIGNED_OUT,
            "Not signed in to Azure",
            "DefaultAzureCredential failed to retrieve a token from the included credentials.",
            "az login",
        ),
        retry,
    )
    made.identity.fail(world.SIGNED_OUT, retry)
    made.clusters.put((), world.NOW)
    made.tick()
    return made


def refused() -> FakeHub:
    """The fleet is known; its clusters refuse everything."""
    made = world.live_hub()
    no = Feed(None, None, problem=world.RBAC, failures=1, retry_at=world.NOW + 30)
    for query, cell in made.lists.items():
        cell.put(world.view_of(query, *(no for _ in query.clusters)), world.NOW)
    for book in made.books.values():
        book.cell.fail(replace(world.RBAC, summary="Reading logs was refused"), world.NOW + 30)
        book.cell.replace(replace(book.cell.feed, value=None))
    return made


def empty() -> FakeHub:
    """Everything answers, and there is nothing."""
    made = world.live_hub()
    made.connections.put((), world.NOW - 12, fresh_for=90)
    for query, cell in made.lists.items():
        cell.put(world.view_of(query, *(world.live(world.table(())) for _ in query.clusters)), world.NOW)
    for book in made.books.values():
        status = book.cell.feed.value
        assert status is not None
        book.lines = []
        book.cell.put(LogStatus(status.sources), world.NOW)
    return made


def nothing() -> FakeHub:
    """An account without any membership, cluster or connection."""
    made = empty()
    nobody: tuple[FleetMember, ...] = ()
    made.fleet.put(nobody, world.NOW - 12, fresh_for=90)
    made.clusters.put((), world.NOW)
    return made


STATES: dict[str, Callable[[], FakeHub]] = {
    "loading": loading,
    "live": live,
    "stale": stale,
    "partial": partial,
    "failed": failed,
    "refused": refused,
    "empty": empty,
    "nothing": nothing,
}
