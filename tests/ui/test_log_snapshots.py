"""What the Logs pane looks like, big and small: followed, paused, searched, filtered, folded, as fields."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from screens.overview import Overview
from tests.ui import states, world
from tests.ui.fake import FakeHub
from tests.ui.run import BIG, SMALL, Story
from tests.ui.story_parts import ref
from tui.app import ClusterviewApp
from tui.errors import Problem, ProblemKind
from tui.model.logs import YOU, LogLine, LogQuery, LogSource, LogStatus, Saved

Compare = Callable[..., bool]
SIZES = pytest.mark.parametrize("size", [SMALL, BIG], ids=["80x24", "120x40"])
AGENTS = LogQuery((ref("plant-7"),), agents=True)

TEXTS = (
    "tunnel: serving requests",
    '{"level":"info","msg":"order taken","order":4711,"took":0.012}',
    "dialer: dial failed: dial tcp 142.250.1.95:443: i/o timeout",
    "egress: stream opened",
    '{"severity":"ERROR","message":"payment refused","order":4711,"cause":{"code":"card_declined"},"who":"a b"}',
    "egress: stream closed after 1204 bytes",
    "failed to create the websocket connection: unexpected status 403 Forbidden for "
    "/api/v1/namespaces/payments/pods/api-7d9f/exec?command=sh&container=api&stdin=true&stdout=true&tty=true",
    "retrying in 2 s",
    "x509: certificate signed by unknown authority",
    "tunnel: serving requests again",
)


def filled(rounds: int = 6) -> FakeHub:
    """An agent that has written `rounds` times the same ten lines."""
    hub = states.live()
    book = hub.books.setdefault(AGENTS, hub.logs(AGENTS))
    write(hub, [text for _ in range(rounds) for text in TEXTS], anew=True)
    assert book.lines
    return hub


def write(hub: FakeHub, texts: list[str], *, anew: bool = False) -> None:
    book = hub.books[AGENTS]
    status = book.cell.feed.value
    assert status is not None
    if anew:
        book.lines.clear()
    first = len(book.lines)
    book.lines.extend(
        LogLine(seq, int((world.NOW - 60 + seq * 0.5) * 1e9), 0, text.encode()) for seq, text in enumerate(texts, first)
    )
    total = len(book.lines)
    book.cell.put(replace(status, next_seq=total, received=1200 + total), world.NOW)


def app_of(hub: FakeHub) -> ClusterviewApp:
    return ClusterviewApp(hub, hub.clock)


def doing(hub: FakeHub, *pressed: str, more: int = 0) -> Callable[[Pilot[None]], Awaitable[None]]:
    """Zoom the logs, press keys; a key of several letters with a space in front is typed. more: rounds that come
    then."""

    async def run(pilot: Pilot[None]) -> None:
        assert isinstance(pilot.app, ClusterviewApp)
        story = Story(pilot.app, hub, pilot)
        await story.settle()
        await story.press("down", "down", "4", "z")
        for key in pressed:
            await (story.type(key[1:]) if key.startswith(" ") else story.press(key))
        if more:
            write(hub, [text for _ in range(more) for text in TEXTS])
            await story.settle()
        assert isinstance(pilot.app.screen_stack[0], Overview)

    return run


@SIZES
@pytest.mark.parametrize(
    "keys",
    [
        ("following",),
        ("find", "F", " websocket|x509", "enter", "N"),
        ("typing", "F", " egress"),
        ("filter", "slash", " websocket", "enter", "x"),
        ("wrapped", "w"),
        ("fields", "J"),
        ("columns", "o", "u"),
        ("hour", "6"),
        ("explained", "enter"),
        ("help", "slash", "?"),
        ("saving", "ctrl+s"),
        ("containers", "C"),
        ("asked", "colon", " logs deploy/web -n pay --s"),
    ],
    ids=lambda keys: keys[0],
)
def test_logs(
    snap_compare: Compare, size: tuple[int, int], keys: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/home/ana/.local/state")
    hub = filled()
    assert snap_compare(app_of(hub), run_before=doing(hub, *keys[1:]), terminal_size=size)


@SIZES
def test_a_container_that_no_pod_has(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = filled()

    async def choose(pilot: Pilot[None]) -> None:
        await doing(hub, "C", "ctrl+u", " tpyo", "enter")(pilot)
        query = hub.followed[-1]
        there = ("gke-connect-agent", "proxy")
        lacking = tuple(
            LogSource(index, cluster, "gke-connect", f"agent-{index}", "", "waiting", lacks=True, there=there)
            for index, cluster in enumerate(query.clusters)
        )
        hub.books[query].cell.put(LogStatus(lacking, complete=True), world.NOW)
        hub.tick()
        await pilot.pause()

    assert snap_compare(app_of(hub), run_before=choose, terminal_size=size)


@SIZES
def test_one_of_two_names_that_no_pod_has(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = filled()

    async def choose(pilot: Pilot[None]) -> None:
        status = hub.books[AGENTS].cell.feed.value
        assert status is not None
        await doing(hub, "C", "ctrl+u", f" {status.sources[0].container},tpyo", "enter")(pilot)
        query = hub.followed[-1]
        there = tuple(replace(source, there=(source.container, "proxy")) for source in status.sources)
        hub.books[query].lines.extend(hub.books[AGENTS].lines)
        hub.books[query].cell.put(replace(status, sources=there, complete=True), world.NOW)
        hub.tick()
        await pilot.pause()

    assert snap_compare(app_of(hub), run_before=choose, terminal_size=size)


@SIZES
@pytest.mark.parametrize("state", ["written", "waits"])
def test_lines_that_are_saved(snap_compare: Compare, size: tuple[int, int], state: str) -> None:
    hub = filled()

    async def save(pilot: Pilot[None]) -> None:
        await doing(hub, "ctrl+s", "enter")(pilot)
        full = Problem(ProblemKind.THROTTLED, "the disk is full: /home/ana/agents.log waits for room")
        saved = Saved(Path("agents.log"), 48_213, problem=full if state == "waits" else None)
        hub.savings[-1].cell.put(saved, world.NOW)
        hub.tick()
        await pilot.pause()

    assert snap_compare(app_of(hub), run_before=save, terminal_size=size)


@SIZES
def test_logs_that_wait_for_whoever_reads_them(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = filled()

    async def read(pilot: Pilot[None]) -> None:
        await doing(hub, "p", "home", more=123)(pilot)
        book = hub.books[AGENTS]
        status = book.cell.feed.value
        assert status is not None
        book.cell.put(replace(status, held=YOU), world.NOW)
        await pilot.pause()

    assert snap_compare(app_of(hub), run_before=read, terminal_size=size)


@SIZES
def test_logs_whose_histories_are_being_merged(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = filled()

    async def begin(pilot: Pilot[None]) -> None:
        await doing(hub)(pilot)
        book = hub.books[AGENTS]
        status = book.cell.feed.value
        assert status is not None
        sources = tuple(
            replace(
                status.sources[0],
                index=place,
                state="following" if place < 40 else "opening",
                behind=5.0 * (place == 7),
            )
            for place in range(108)
        )
        book.cell.put(replace(status, sources=sources, merging=True), world.NOW)
        await pilot.pause()

    assert snap_compare(app_of(hub), run_before=begin, terminal_size=size)


@SIZES
def test_paused_logs_say_what_came(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = filled()
    assert snap_compare(app_of(hub), run_before=doing(hub, "p", more=123), terminal_size=size)
