"""What clusters serve: from disk at once, from the cluster soon, and looked for again before it is called missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from tests.data.fakekube import DEPLOYMENTS, problem
from tests.data.fakeworld import World, followed, ref_of, running
from tui.clock import ManualClock
from tui.data.discovery import FORMAT, Held, load_kinds, path_of
from tui.data.settings import HubSettings
from tui.errors import ProblemKind
from tui.files import write_private
from tui.model.feed import FeedState
from tui.model.kube import PODS, KindRef, ResourceQuery

ONE = ref_of("context:one", "one")
GADGETS = KindRef("example.com", "v1", "gadgets", "Gadget", "gadget", True, ("gd",), verbs=frozenset({"list", "watch"}))


@pytest.fixture
def world(clock: ManualClock) -> World:
    made = World(clock)
    made.kube(ONE.key).put(DEPLOYMENTS, "default", "web", ("web",))
    made.kube(ONE.key).put(GADGETS, "default", "lamp", ("lamp",))
    return made


async def until(clock: ManualClock, true: Callable[[], bool]) -> None:
    """Let threads that read and write files come to their end."""
    for _ in range(20_000):
        if true():
            return
        await clock.advance(0.000_1)
    pytest.fail("it did not come about")


async def test_the_next_start_asks_the_cluster_only_after_the_list_is_there(
    world: World, clock: ManualClock, tmp_path: Path
) -> None:
    kube, settings, query = world.kube(ONE.key), HubSettings(cache=tmp_path), ResourceQuery("deploy", (ONE,))
    path = path_of(tmp_path, ONE.key)
    async with running(world, settings) as hub, followed(hub.resources(query)):
        await until(clock, path.exists)
    assert path.stat().st_mode & 0o777 == 0o600
    kube.hanging.add("discover")
    async with running(world, settings) as hub, followed(hub.resources(query)) as (reader,):
        await until(clock, lambda: reader.last.value is not None)
        assert reader.last.state(clock.now()) is FeedState.LIVE
        assert list(reader.value.parts[0].feed.value.rows) == [("default", "web")]


async def test_what_has_changed_since_is_taken_in_quietly_and_kept(
    world: World, clock: ManualClock, tmp_path: Path
) -> None:
    path = path_of(tmp_path, ONE.key)
    write_private(path, msgspec.json.encode(Held(FORMAT, ONE.key, clock.now() - 86400, (PODS,))))
    async with running(world, HubSettings(cache=tmp_path)) as hub, followed(hub.kinds(ONE)) as (reader,):
        await until(clock, lambda: len(reader.value or ()) > 1)
        assert next(feed.value for feed in reader.feeds if feed.value) == (PODS,)
        await until(clock, lambda: (held := load_kinds(path, ONE.key)) is not None and len(held.kinds) > 1)


async def test_a_kind_installed_a_minute_ago_is_found(world: World, clock: ManualClock) -> None:
    kube = world.kube(ONE.key)
    async with running(world) as hub, followed(hub.kinds(ONE)):
        await clock.advance(60)
        kube.kinds = (*kube.kinds, GADGETS)
        async with followed(hub.resources(ResourceQuery("gd", (ONE,)))) as (reader,):
            await clock.advance(1)
            assert list(reader.value.parts[0].feed.value.rows) == [("default", "lamp")]
        assert kube.asked["discover"] == 2


async def test_a_kind_that_nobody_knows_is_looked_for_once(world: World, clock: ManualClock) -> None:
    kube = world.kube(ONE.key)
    async with running(world) as hub, followed(hub.kinds(ONE)):
        await clock.advance(60)
        async with followed(hub.resources(ResourceQuery("nosuch", (ONE,)))) as (reader,):
            await clock.advance(300)
            assert reader.last.problem is not None
            assert reader.last.problem.kind is ProblemKind.INVALID
        assert kube.asked["discover"] == 2


async def test_a_cluster_that_cannot_be_asked_again_says_so_instead(world: World, clock: ManualClock) -> None:
    kube = world.kube(ONE.key)
    async with running(world) as hub, followed(hub.kinds(ONE)):
        await clock.advance(60)
        kube.always["discover"] = problem(503)
        async with followed(hub.resources(ResourceQuery("nosuch", (ONE,)))) as (reader,):
            await clock.advance(1)
            assert reader.last.problem is not None
            assert reader.last.problem.kind is ProblemKind.SERVER


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b'{"format": 1}',
        msgspec.json.encode(Held(FORMAT + 1, ONE.key, 0.0, (PODS,))),
        msgspec.json.encode(Held(FORMAT, "another", 0.0, (PODS,))),
        msgspec.json.encode(Held(FORMAT, ONE.key, 0.0, ())),
        b"\xff" * 9,
    ],
    ids=["empty", "torn", "no kinds", "another format", "another cluster", "nothing served", "no text"],
)
def test_a_file_that_is_not_ours_is_as_good_as_none(tmp_path: Path, content: bytes) -> None:
    path = path_of(tmp_path, ONE.key)
    write_private(path, content)
    assert load_kinds(path, ONE.key) is None
    assert load_kinds(tmp_path / "missing", ONE.key) is None
